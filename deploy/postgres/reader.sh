#!/bin/sh
# Makes the database's user `reader`, by whom Grafana and the exporter look, when the database is new.
#
# In: POSTGRES_USER, POSTGRES_DB, and the password in READER_PASSWORD_FILE. Out: a user who reads everything, and
# writes nothing. For a database that is there already: run this by hand, once.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v password="$(cat "$READER_PASSWORD_FILE")" <<'SQL'
create role reader login password :'password' connection limit 20;
grant pg_read_all_data, pg_monitor to reader;
alter role reader set default_transaction_read_only = on;
alter role reader set statement_timeout = '30s';
SQL
