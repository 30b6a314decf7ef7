delete from merged_batch where merged_ms < $1
