select partner, id, at_ms, state, share, amount_minor, currency
from commission
where at_ms < $1
