insert into confirmed_lead (site, id, at_ms, lead, score, source)
:rows
on conflict (site, id) do nothing
