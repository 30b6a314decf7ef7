select kind, name, cast(sum(count) as bigint) :group
from activity
where :where
group by kind, name :group
