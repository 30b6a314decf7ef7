select element, count, sum, good, needs_improvement, poor, histogram
from cause
where :where
    and element in (
        select element
        from cause
        where :where
        group by element
        order by sum(count) desc, element
        limit :limit
    )
