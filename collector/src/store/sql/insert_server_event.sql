insert into server_event (site, id, kind, at_ms, received_ms, digest, content)
:rows
on conflict (site, id) do nothing
