select host, template, build, added_ms from site order by host
