insert into referred_goal (site, id, at_ms, name, share)
:rows
on conflict (site, id) do nothing
