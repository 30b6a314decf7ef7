select metric, count, sum, good, needs_improvement, poor, histogram :group
from vital
where :where
