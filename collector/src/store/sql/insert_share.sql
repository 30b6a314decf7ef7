insert into share (site, id, parent, channel, page, shared_ms, country)
:rows
on conflict (site, id) do nothing
