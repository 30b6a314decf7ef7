insert into generation (site, id, at_ms, owner, template, build, referred_by) values ('bakery.4site.pro', 'generation-81734', 1793000000000, 'o_5521', 'aurora', '2.3.1', 'pR7mYc2LzA');
insert into referred_goal (site, id, at_ms, name, share) values ('bakery.4site.pro', 'conversion-9c1f7d20', 1793000003000, 'booking', 'pR7mYc2LzA');
insert into confirmed_lead (site, id, at_ms, lead, score, source) values ('bakery.4site.pro', 'lead-9c1f7d20', 1793000002000, 'l_9c1f7d20', 72, 'form');
