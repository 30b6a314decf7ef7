insert into audit (at_ms, who, action, what)
values ($1, $2, $3, $4)
