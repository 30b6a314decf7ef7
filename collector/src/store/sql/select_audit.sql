select id, at_ms, who, action, what from audit
where id < $1
order by id desc
limit $2
