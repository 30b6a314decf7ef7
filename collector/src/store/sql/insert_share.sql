insert into share (site, id, parent, channel, page, shared_ms)
:rows
on conflict (site, id) do nothing
