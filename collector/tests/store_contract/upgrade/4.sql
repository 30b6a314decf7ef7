insert into payment (site, id, at_ms, way, amount_minor, currency, purpose, owner) values ('bakery.4site.pro', 'credit-2026-0007', 1793000005000, 'refund', 900, 'EUR', 'subscription', 'o_5521');
insert into payment (site, id, at_ms, way, amount_minor, currency, purpose, owner) values ('bakery.4site.pro', 'invoice-2026-0042', 1793000004000, 'revenue', 2900, 'EUR', 'subscription', 'o_5521');
insert into commission (partner, id, at_ms, state, share, amount_minor, currency) values ('p_17', 'commission-311-accrued', 1793000006000, 'accrued', 'pR7mYc2LzA', 580, 'EUR');
