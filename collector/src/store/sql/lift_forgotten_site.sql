delete from forgotten_site where host = $1
