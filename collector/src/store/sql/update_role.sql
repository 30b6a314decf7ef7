update person set role = $2 where name = $1
