delete from payment where site = $1
