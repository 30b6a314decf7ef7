select site, id, at_ms, way, amount_minor, currency, purpose, owner
from payment
where site = $1
