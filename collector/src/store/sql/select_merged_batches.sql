select id from merged_batch where site = $1 and id in (:ids)
