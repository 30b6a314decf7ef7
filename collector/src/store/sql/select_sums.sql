select site, level, start_ms, block
from sums
where :site
    and level = :level and lane in (:lanes) and start_ms >= :from and start_ms < :to
