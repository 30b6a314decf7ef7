select site, at_ms, name, share from referred_goal
