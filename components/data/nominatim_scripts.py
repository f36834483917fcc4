"""What the parts of Nominatim run: shell, in the image that has all of its programs."""

import hashlib
from typing import Final

from components.data.nominatim_extracts import Extract
from stacks.versions import NOMINATIM_IMAGE

IMPORTED: Final = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'nominatim'"
"""Asks what has been imported: the address of the extract, which the import leaves as the database's comment when it is
done, and nothing before."""

PREPARE: Final = """
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  umask 077
  printf %s "$PGPASSWORD" > /tmp/password
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username="$PGUSER" --pwfile=/tmp/password --auth=scram-sha-256 \\
    --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> "$PGDATA.new/pg_hba.conf"
  mv "$PGDATA.new" "$PGDATA"
fi
postgres --single -c shared_buffers=16MB -D "$PGDATA" postgres > /tmp/roles 2>&1 <<SQL || echo 'FATAL:' >> /tmp/roles
ALTER ROLE $PGUSER PASSWORD '$PGPASSWORD'
DO 'BEGIN IF to_regrole(''$READER'') IS NOT NULL THEN ALTER ROLE $READER PASSWORD ''$READER_PASSWORD''; END IF; END'
SQL
if grep -qE '(ERROR|FATAL):' /tmp/roles; then
  echo 'The passwords of the roles cannot be set.' >&2
  exit 1
fi
"""
"""Makes the files of the database, the first time, and gives its roles the passwords of the Secret, each time: a new
one brings a new pod. Nobody else has the files yet, and no password is asked for. What is said is not shown, since it
repeats what fails. https://www.postgresql.org/docs/16/app-postgres.html#APP-POSTGRES-SINGLE-USER"""

AWAIT: Final = f"""
until [ -n "$(psql --dbname=postgres --tuples-only --no-align --command="{IMPORTED}")" ]; do
  echo 'Waiting for the import.'
  sleep 30
done
"""
"""Ends when something has been imported. The server starts then, and not before."""

SERVE: Final = """
exec python3 -m uvicorn --factory --host 0.0.0.0 --port "$PORT" --workers "$WORKERS" \\
  nominatim_api.server.falcon.server:run_wsgi
"""

IMPORT: Final = f"""
until pg_isready --quiet --dbname=postgres; do
  sleep 5
done
imported="$(psql --dbname=postgres --tuples-only --no-align --command="{IMPORTED}")"
if [ "$imported" = "$SOURCE" ]; then
  # Another version of Nominatim, or of this Job: what has been imported stays.
  exec nominatim admin --migrate
fi
if [ ! -s extract.osm.pbf ]; then
  curl --fail --location --silent --show-error --retry 5 --retry-delay 30 --output extract.part "$SOURCE"
  mv extract.part extract.osm.pbf
fi
psql --dbname=postgres --set=ON_ERROR_STOP=1 <<'SQL'
\\getenv password READER_PASSWORD
\\getenv reader NOMINATIM_DATABASE_WEBUSER
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'reader', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'reader') \\gexec
DROP DATABASE IF EXISTS nominatim WITH (FORCE);
SQL
options=(--osm-file extract.osm.pbf --threads "$THREADS" --osm2pgsql-cache "$CACHE_MIB")
if [ "$UPDATES" = no ]; then
  options+=(--no-updates)
fi
nominatim import "${{options[@]}}"
if [ "$UPDATES" = yes ]; then
  # The import leaves some places to be indexed, which the check counts as missing.
  nominatim index --threads "$THREADS"
  nominatim replication --init
fi
nominatim admin --check-database
psql --dbname=nominatim --command='ANALYZE'
psql --dbname=postgres --set=ON_ERROR_STOP=1 <<'SQL'
\\getenv source SOURCE
COMMENT ON DATABASE nominatim IS :'source';
SQL
"""
"""Imports the extract, unless it has been imported. One that was broken off begins anew; the extract is still there."""

UPDATE: Final = f"""
imported="$(psql --dbname=postgres --tuples-only --no-align --command="{IMPORTED}")"
if [ "$imported" != "$SOURCE" ]; then
  echo 'The import is not done yet.'
  exit 0
fi
exec nominatim replication --catch-up --osm2pgsql-cache "$CACHE_MIB"
"""
"""Brings in what has changed since the last time."""


def import_digest(extract: Extract, *, updated: bool) -> str:
    """Tells the Jobs of different imports apart."""
    content = f"{NOMINATIM_IMAGE}\n{IMPORT}\n{extract}\n{updated}"
    return hashlib.sha256(content.encode()).hexdigest()[:8]
