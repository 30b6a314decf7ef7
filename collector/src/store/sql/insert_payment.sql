insert into payment (site, id, at_ms, way, amount_minor, currency, purpose, owner)
:rows
on conflict (site, id) do nothing
