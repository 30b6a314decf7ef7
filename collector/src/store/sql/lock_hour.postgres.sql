-- One folder per site and hour; the lock goes with the transaction.
select pg_try_advisory_xact_lock(hashtextextended($1, $2))
