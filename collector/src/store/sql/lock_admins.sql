-- Changes nothing but takes the rows, so that of two who take each other's role away at the same time one waits
-- for the other; and counts them.
update person set role = role where role = 'admin'
