"""What exists in the rehearsed accounts, kept in one sqlite file apart from Pulumi's state."""

import fcntl
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.redaction import redact, restore

_SCHEMA_VERSION = 1
_CLEAN = "`make clean` removes it, with all that was rehearsed."
_SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    account TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL,
    owner TEXT NOT NULL, incarnation INTEGER NOT NULL, retained INTEGER NOT NULL,
    inputs TEXT NOT NULL, outputs TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    PRIMARY KEY (account, type, id)
);
CREATE INDEX IF NOT EXISTS resources_by_type ON resources (type, id);
CREATE TABLE IF NOT EXISTS incarnations (
    account TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (account, type, id)
);
CREATE TABLE IF NOT EXISTS endpoints (
    host TEXT PRIMARY KEY, account TEXT NOT NULL, cloud TEXT NOT NULL,
    cluster_type TEXT NOT NULL, cluster_id TEXT NOT NULL, certificate TEXT NOT NULL, plugin TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS salt (value BLOB NOT NULL);
"""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing that exists. Secret values in it are digests."""

    account: str
    type: str
    id: str
    name: str = ""
    scope: str = ""
    """Where the name has to be unique."""
    owner: str = ""
    """The id of what brought it and takes it along, empty for what was created by itself."""
    incarnation: int = 1
    """How many times something of this id has been created."""
    retained: bool = False
    """Whether it was deleted and cannot go away, as key rings cannot."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    created: str = ""
    updated: str = ""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the API server of a rehearsed cluster answers."""

    host: str
    account: str
    """The account that holds what runs in the cluster."""
    cloud: str
    cluster_type: str
    cluster_id: str
    certificate: str
    """The authority that a client has to know, empty where everybody trusts the certificate anyway."""
    plugin: str
    """The command that gets a credential for it."""


class InventoryError(Exception):
    """An inventory that cannot be used, in words for the user."""


class Inventory:
    """The rehearsed world. Safe for several processes and threads at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # sqlite does not wait for its busy timeout while two processes switch a new file to WAL at once.
            with path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._check_schema()
                self._create_tables()
            self._salt: bytes = self._connection.execute("SELECT value FROM salt").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise InventoryError(f"{path} cannot be read as an inventory: {error}. {_CLEAN}") from error

    def _check_schema(self) -> None:
        [version] = self._connection.execute("PRAGMA user_version").fetchone()
        empty = self._connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None
        if version != _SCHEMA_VERSION and not empty:
            raise InventoryError(f"{self.path} was made by another version of the rehearsal. {_CLEAN}")

    def check(self) -> None:
        """Fails where the file is damaged, in whichever part."""
        try:
            damages = [row[0] for row in self._connection.execute("PRAGMA quick_check(1)")]
        except sqlite3.DatabaseError as error:
            damages = [str(error)]
        if damages != ["ok"]:
            raise InventoryError(f"{self.path} is damaged: {damages[0]}. {_CLEAN}")

    def _create_tables(self) -> None:
        with self.transaction():
            self._connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._connection.execute(statement)
            if self._connection.execute("SELECT value FROM salt").fetchone() is None:
                self._connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))

    @property
    def _connection(self) -> sqlite3.Connection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one writer at a time across processes. May be nested."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def accounts(self) -> list[str]:
        """Every account that holds something."""
        return [row[0] for row in self._connection.execute("SELECT DISTINCT account FROM resources ORDER BY account")]

    def list(
        self, *, account: str | None = None, type: str | None = None, retained: bool | None = None
    ) -> list[Resource]:
        """What exists, by account and type; `retained` picks or leaves out what cannot be deleted."""
        wanted = {"account": account, "type": type, "retained": None if retained is None else int(retained)}
        given = {key: value for key, value in wanted.items() if value is not None}
        where = " AND ".join(f"{key} = ?" for key in given) or "1"
        query = f"SELECT * FROM resources WHERE {where} ORDER BY account, type, id"
        return [_from_row(row) for row in self._connection.execute(query, tuple(given.values()))]

    def get(self, type: str, id: str, account: str | None = None) -> Resource | None:
        """The resource of that type and id, in one account or in whichever has it."""
        query = "SELECT * FROM resources WHERE type = ? AND id = ?" + (
            " AND account = ?" if account is not None else ""
        )
        row = self._connection.execute(query, (type, id, *([account] if account is not None else []))).fetchone()
        return _from_row(row) if row else None

    def put(self, resource: Resource) -> Resource:
        """Creates or overwrites, secrets redacted. Returns it as it is now stored."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        stored = replace(
            resource,
            inputs=redact(resource.inputs, self._salt),
            outputs=redact(resource.outputs, self._salt),
            created=resource.created or now,
            updated=now,
        )
        values = [stored.account, stored.type, stored.id, stored.name, stored.scope, stored.owner, stored.incarnation]
        values += [int(stored.retained), json.dumps(stored.inputs), json.dumps(stored.outputs), stored.created, now]
        with self.transaction():
            self._connection.execute(f"INSERT OR REPLACE INTO resources VALUES ({','.join('?' * 12)})", values)
        return stored

    def delete(self, resource: Resource) -> None:
        with self.transaction():
            key = (resource.account, resource.type, resource.id)
            self._connection.execute("DELETE FROM resources WHERE account = ? AND type = ? AND id = ?", key)

    def delete_account(self, account: str) -> None:
        """Removes everything in an account, as when a cluster goes."""
        with self.transaction():
            self._connection.execute("DELETE FROM resources WHERE account = ?", (account,))
            self._connection.execute("DELETE FROM endpoints WHERE account = ?", (account,))

    def drift(self, type: str, id: str, changes: Mapping[str, Any], account: str | None = None) -> Resource:
        """Changes properties behind Pulumi's back, by path."""
        with self.transaction():
            found = self.get(type, id, account)
            if found is None:
                raise LookupError(f"no {type} with the id {id!r}")
            inputs, outputs = found.inputs, found.outputs
            for path, value in changes.items():
                inputs, outputs = paths.replace(inputs, path, value), paths.replace(outputs, path, value)
            return self.put(replace(found, inputs=inputs, outputs=outputs))

    def next_incarnation(self, account: str, type: str, id: str) -> int:
        """Counts creations of an id, so that what is generated for it differs from the last one's."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO incarnations VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (account, type, id),
            )
            query = "SELECT count FROM incarnations WHERE account = ? AND type = ? AND id = ?"
            return self._connection.execute(query, (account, type, id)).fetchone()[0]

    def restored(self, stored: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """Stored properties with the secrets that the state knows filled in."""
        return restore(stored, dict(known), self._salt)

    def register_endpoint(self, endpoint: Endpoint) -> None:
        """Makes a cluster's account reachable at a host name or address."""
        with self.transaction():
            self._connection.execute("INSERT OR REPLACE INTO endpoints VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(endpoint))

    def endpoint(self, host: str) -> Endpoint | None:
        """What answers at a host."""
        row = self._connection.execute("SELECT * FROM endpoints WHERE host = ?", (host,)).fetchone()
        return Endpoint(**dict(row)) if row else None


def open_inventory() -> Inventory:
    """The inventory of the rehearsal that REHEARSAL_HOME names."""
    return Inventory(Path(os.environ.get("REHEARSAL_HOME", ".rehearsal")) / "inventory.sqlite")


def _from_row(row: sqlite3.Row) -> Resource:
    fields = dict(row)
    fields["inputs"], fields["outputs"] = json.loads(fields["inputs"]), json.loads(fields["outputs"])
    fields["retained"] = bool(fields["retained"])
    return Resource(**fields)
