select distinct site from share where shared_ms < $1 order by site
