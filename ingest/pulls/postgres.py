"""PostgreSQL: streamed as Arrow by ADBC, every column cast to text by the server. 3M rows × 10 columns: see README."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingest.base.clock import CITY_ZONE_NAME
from ingest.base.sql import identifier
from ingest.feeds.servers import Database
from ingest.pulls import source
from ingest.pulls.cursor import Window
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import CONNECT_SECONDS, ColumnKind, PullFailed, SourceColumn

if TYPE_CHECKING:
    import pyarrow as pa

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("int2", "int4", "int8"), "integer"),
    **dict.fromkeys(("numeric", "money"), "number"),
    **dict.fromkeys(("float4", "float8"), "float"),
    **dict.fromkeys(("date", "timestamp"), "moment"),
    "timestamptz": "zoned",
    "bytea": "binary",
}
# a batch holds this many bytes; 16 MB is the driver's own measure
_BATCH_BYTES = 8 << 20
# nothing is written over there, moments are the city's, a server that went away is noticed
# and a table that someone keeps locked is given up
_SESSION = (
    f"-c default_transaction_read_only=on -c timezone={CITY_ZONE_NAME} -c datestyle=ISO -c client_encoding=UTF8 "
    "-c lock_timeout=60000"
)


@contextmanager
def open_source(server: Database, secrets: Secrets) -> Iterator[PostgresSource]:
    """Connect.

    Raises:
        PullFailed: the server does not answer or does not let us in.
    """
    from adbc_driver_postgresql import dbapi

    user, password = secrets.get("USER"), secrets.get("PASSWORD")
    if user is None:
        raise source.login_missing(secrets.prefix, "USER")
    settings = {
        "host": server.host, "port": server.port, "dbname": server.database, "user": user, "password": password,
        "connect_timeout": CONNECT_SECONDS, "application_name": "jgt", "options": _SESSION,
        "sslmode": {"verify": "verify-full", "require": "require"}.get(server.tls or ""),
        "sslrootcert": server.ca_file if server.tls == "verify" else None,
        "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000,
    }  # fmt: skip
    told = " ".join(f"{name}={_quoted(str(value))}" for name, value in settings.items() if value is not None)
    try:
        connection = dbapi.connect(told, autocommit=True)
    except Exception as error:
        raise _explained(error, server, secrets, is_open=False) from None
    try:
        yield PostgresSource(server, secrets, connection)
    finally:
        with contextlib.suppress(Exception):  # a connection that broke cannot be closed in good order
            connection.close()


def _quoted(value: str) -> str:
    """A value of a libpq connection string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class PostgresSource:
    """One table or query of a PostgreSQL; see `source.Source`."""

    def __init__(self, server: Database, secrets: Secrets, connection: Any) -> None:
        """Args: server: of the contract; secrets: its own; connection: open."""
        self._server = server
        self._secrets = secrets
        self._connection = connection

    def columns(self) -> list[SourceColumn]:
        """The columns, in order."""
        with self._reading(f"select * from {source.selection(self._server, _name)} limit 0") as reader:
            return [_column(field) for field in reader.schema]

    def batches(self, columns: Sequence[SourceColumn], window: Window) -> Iterator[pa.RecordBatch]:
        """The window's rows as text."""
        cells = ", ".join(f"{_text(c)} as {_name(c.name)}" for c in columns)
        # quoted literals: with bound parameters the driver takes 1.6 GB for 3M rows (2026-11)
        sql = f"select {cells} from {source.selection(self._server, _name)} where {source.restriction(self._server, window, _name)}"
        floats = [c.name for c in columns if c.kind == "float"]
        with self._reading(sql) as reader:
            for batch in reader:
                yield source.plain_floats(batch, floats)

    def count_before(self, bound: str) -> int:
        """How many rows have a cursor below a bound."""
        with self._reading(source.counting(self._server, bound, _name)) as reader:
            return int(reader.read_all().column(0)[0].as_py())

    @contextmanager
    def _reading(self, sql: str) -> Iterator[pa.RecordBatchReader]:
        """A query's batches; a failure of the driver is reported in our words."""
        cursor = self._connection.cursor()
        try:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})
            cursor.execute(sql)
            reader = cursor.fetch_record_batch()
            yield reader
        except PullFailed:
            raise
        except Exception as error:
            raise _explained(error, self._server, self._secrets, is_open=True) from None
        finally:
            with contextlib.suppress(Exception):
                cursor.close()


def _column(field: pa.Field) -> SourceColumn:
    type_name = (field.metadata or {}).get(b"POSTGRESQL:type", b"text").decode()
    return SourceColumn(field.name, _KINDS.get(type_name, "text"), type_name)


def _text(column: SourceColumn) -> str:
    name = _name(column.name)
    if column.kind == "zoned":
        return f"({name} at time zone '{CITY_ZONE_NAME}')::text"
    return f"{name}::numeric::text" if column.type_name == "money" else f"{name}::text"


def _name(name: str) -> str:
    return identifier(name)


def _explained(error: Exception, server: Database, secrets: Secrets, is_open: bool) -> PullFailed:
    state = getattr(error, "sqlstate", None) or ""
    text = str(error)
    told = next((line.strip() for line in text.splitlines() if "ERROR:" in line or "FATAL:" in line), "")
    told = secrets.scrub(told.split("ERROR:")[-1].split("FATAL:")[-1].strip())
    if not is_open and (trouble := source.tls_trouble(server.place, text)):
        return trouble
    if state.startswith("28") or "authentication failed" in text or "no password supplied" in text:
        return source.wrong_login(server.place, secrets.prefix)
    if state == "42P01" or state == "3F000":
        return source.table_missing(server.table or told)
    if state == "42703":
        return source.column_missing(told)
    if state == "42501":
        return source.not_allowed(told)
    if not is_open:
        return source.unreachable(server.place, told)
    if state and not state.startswith(("08", "57")):
        # what a server says of data (class 22) may quote a value
        said = f"SQLSTATE {state}" if state.startswith("22") else f"SQLSTATE {state}，{told}"
        return PullFailed(f"{server.place} 拒绝了查询（{said}）", "请与对方核对，更正合同里的 table、query 或 cursor")
    return source.broken_off(server.place)
