delete from person where name = $1
