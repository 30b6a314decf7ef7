-- One folder per site and day; the lock goes with the transaction.
select pg_try_advisory_xact_lock(hashtextextended($1, $2))
