select site, owner, at_ms, template, referred_by from generation
