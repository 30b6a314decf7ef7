select count(*) from person
