-- Entries about a site have nothing but its host, and say so from now on without it.
update audit set what = '(a forgotten site)'
where what = $1 and action in ('site_added', 'site_token_revoked')
