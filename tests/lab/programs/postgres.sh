#!/bin/sh
# PostgreSQL with the database, role and table `moments`; POSTGRES_PASSWORD is the role's password.
set -eu
data=/var/lib/postgresql/data/pgdata
new=$data.new

# Made beside its place and then moved: whatever ends us half way, there is a whole cluster or none.
if [ ! -d "$data" ]; then
    : "${POSTGRES_PASSWORD:?is not set}"
    rm -rf "$new"
    initdb --pgdata "$new" --username postgres --no-locale --encoding UTF8 --auth-local trust --auth-host scram-sha-256 --no-sync
    echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
    pg_ctl --pgdata "$new" --wait --silent --options "-c listen_addresses='' -c unix_socket_directories=/tmp -c fsync=off" start
    psql --host /tmp --username postgres --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" <<'END'
CREATE ROLE moments LOGIN PASSWORD :'password';
CREATE DATABASE moments OWNER moments;
\connect moments
CREATE TABLE moments (id serial PRIMARY KEY, title text NOT NULL);
INSERT INTO moments (title) VALUES ('first'), ('second'), ('third');
ALTER TABLE moments OWNER TO moments;
END
    pg_ctl --pgdata "$new" --wait --silent --mode fast stop
    mv "$new" "$data"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
