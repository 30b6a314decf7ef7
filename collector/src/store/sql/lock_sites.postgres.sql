-- Not the key of a site's day, but one of this question: no merge is under way while a site is
-- marked as forgotten. It goes with the transaction.
select pg_advisory_xact_lock(7023199011)
