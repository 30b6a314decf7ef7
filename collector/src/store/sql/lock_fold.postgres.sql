-- One at a time adds up or takes away what is above level 0. The lock goes with the transaction.
select pg_advisory_xact_lock(7023199012)
