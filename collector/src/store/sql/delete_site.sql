delete from :table where :column = $1
