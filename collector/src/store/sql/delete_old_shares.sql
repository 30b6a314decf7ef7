-- A share that still has visits is kept: their channel is told by it.
delete from share
where site = $1 and shared_ms < $2
    and id not in (select share_visit.id from share_visit where share_visit.site = $1)
