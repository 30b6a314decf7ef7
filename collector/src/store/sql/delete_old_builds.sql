-- A site's build of before stays as long as no later one took its place before: were it deleted, it would
-- be seen for the first time again.
delete from site_build
where first_ms < $1
    and exists (
        select 1
        from site_build as later
        where later.site = site_build.site
            and later.first_ms > site_build.first_ms
            and later.first_ms < $1
    )
