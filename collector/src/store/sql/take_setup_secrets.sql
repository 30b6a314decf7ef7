delete from setup_secret
returning hash, made_ms
