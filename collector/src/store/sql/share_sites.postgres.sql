-- Merges do not wait for each other, only for a site that is being marked as forgotten.
select pg_advisory_xact_lock_shared(7023199011)
