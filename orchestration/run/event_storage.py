"""Dagster's event log in SQLite, over connections that are kept.

Dagster's own opens and closes up to three connections an event, and a commit of each waits for the disk: 200 of 430 seconds of a
run of 2,600 events on a busy disk (2026-12, Dagster 1.13.27). Dagster finds this class by the settings that
`daily.write_dagster_settings` writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

_BUSY_SECONDS = 60


class KeptConnectionsEventLog(SqliteEventLogStorage):
    """One connection a database file (an index, and one a run), made when first asked for."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """As Dagster makes it from `dagster.yaml`. Args: base_dir: folder of the database files."""
        self._engines: dict[str, Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> KeptConnectionsEventLog:
        """As Dagster makes it from `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engines.get(shard)
            if engine is None:
                engine = self._engines[shard] = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close the connections."""
        super().dispose()
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _engine(address: str) -> Engine:
    """One connection for all threads, which take turns at `_db_lock`."""
    settings = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=StaticPool, connect_args=settings)

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        # the file stays whole when the power goes; the last events may be missing from the history
        connection.execute("pragma synchronous = normal")

    return engine
