-- Neither distinct nor in order: for that, SQLite would read the whole table in the key's order.
select site from share where shared_ms < $1
