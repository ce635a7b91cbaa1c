"""What one run leaves for the next, so that a spelling is read, taken apart and compared once."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import duckdb

from ingest.base.files import write_text
from ingest.base.home import Home
from ingest.base.sql import literal
from ingest.matching.decisions import Decisions
from ingest.matching.tables import folder
from ingest.storage import lake

# tables and the order of their rows, which their bytes depend on
TABLES: Final = {
    "source": "lake_file",
    "mention": "feed, mention_key",
    "spelling": "entity_id, name nulls first, address nulls first, district_code nulls first",
    "said": "mention_key",
    "pair": "group_key, entity_id nulls first",
}
_STAMP: Final = "stamp.json"


def read_stamp(home: Home) -> dict[str, Any]:
    """What the last complete run was made of; empty when there was none, or it broke off."""
    path = folder(home) / "state" / _STAMP
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def begin(home: Home) -> None:
    """From here on the state is not to be trusted until `finish`: a run that breaks off is made anew from the lake."""
    (folder(home) / "state" / _STAMP).unlink(missing_ok=True)


def finish(home: Home, stamp: dict[str, Any]) -> None:
    """The state is whole again."""
    path = folder(home) / "state" / _STAMP
    write_text(path, json.dumps(stamp, sort_keys=True) + "\n")


def load(connection: duckdb.DuckDBPyConnection, home: Home, table: str, into: str) -> None:
    """Fill an empty table from what the last run kept of it."""
    path = folder(home) / "state" / f"{table}.parquet"
    connection.execute(f"insert into {into} by name select * from read_parquet({literal(path)})")


def keep(connection: duckdb.DuckDBPyConnection, home: Home, table: str, source: str) -> None:
    """Keep a table for the next run."""
    path = folder(home) / "state" / f"{table}.parquet"
    lake.write(connection, f"select * from {source} order by {TABLES[table]}", path)


def digest(*parts: Any) -> str:
    """A short fingerprint of plain values."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def decisions_wait(home: Home) -> bool:
    """Whether stewards decided something that no run has replayed yet."""
    if not home.ledger.exists():
        return False
    with Decisions(home.ledger) as decisions:
        standing = decisions.standing()
    made = read_stamp(home)
    return bool(made) and made.get("decisions") != digest(standing)
