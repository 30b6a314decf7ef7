select id, digest from server_event where site = $1 and id in (:ids)
