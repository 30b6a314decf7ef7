-- Since when levels are kept, in the same moment.
select '', cast(level + 100 as smallint), since_ms, null
from kept
