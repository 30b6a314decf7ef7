insert into merged_batch (site, id, merged_ms)
:rows
on conflict (site, id) do nothing
