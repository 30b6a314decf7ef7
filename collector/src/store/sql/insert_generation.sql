insert into generation (site, id, at_ms, owner, template, build, referred_by)
:rows
on conflict (site, id) do nothing
