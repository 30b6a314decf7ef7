-- Payments of a range, and all of before of those who got something back by its end.
select site, id, at_ms, way, amount_minor, currency, purpose, owner
from payment
where at_ms >= $1 and at_ms < $2
union all
select site, id, at_ms, way, amount_minor, currency, purpose, owner
from payment
where at_ms < $1
    and (site, owner, currency) in (
        select refund.site, refund.owner, refund.currency
        from payment as refund
        where refund.way = 'refund' and refund.at_ms >= $1 and refund.at_ms < $2
    )
