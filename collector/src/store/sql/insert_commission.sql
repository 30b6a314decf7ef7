insert into commission (partner, id, at_ms, state, share, amount_minor, currency)
:rows
on conflict (partner, id) do nothing
