select count(*) from :table where :column = $1
