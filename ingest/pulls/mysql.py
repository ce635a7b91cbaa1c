"""MySQL and MariaDB: streamed as Arrow by connectorx, every column cast to text by the server.

connectorx panics on a date of 0000-00-00 and waits 30 seconds at a wrong password, so pymysql looks first and the
server hands over text alone. It knows no TLS (0.4.6): where the contract asks for it, pymysql reads the rows too, for 13
times the CPU (2026-11).
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ingest.feeds.servers import Database
from ingest.pulls import source
from ingest.pulls.cursor import Window
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import BATCH_ROWS, CITY_OFFSET, CONNECT_SECONDS, ColumnKind, PullFailed, SourceColumn

if TYPE_CHECKING:
    import pyarrow as pa

_SESSION = (
    f"set time_zone = '{CITY_OFFSET}'",
    "set session transaction read only",
    "set session lock_wait_timeout = 60",  # a table that someone keeps locked is given up
)
_BINARY_CHARSET = 63
_LOGIN_ERRORS, _TABLE_ERRORS, _COLUMN_ERRORS, _RIGHTS_ERRORS = (
    (1045, 1698, 1044),
    (1146, 1049, 1051),
    (1054,),
    (1142, 1143),
)


@contextmanager
def open_source(server: Database, secrets: Secrets) -> Iterator[MysqlSource]:
    """Connect.

    Raises:
        PullFailed: the server does not answer or does not let us in.
    """
    import pymysql

    user = secrets.get("USER")
    if user is None:
        raise source.login_missing(secrets.prefix, "USER")
    try:
        connection = pymysql.connect(
            host=server.host,
            port=server.port or 3306,
            user=user,
            password=(secrets.get("PASSWORD") or "").encode(),  # as text it would have to be Latin-1
            database=server.database,
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=600,
            ssl=_tls(server),  # given, pymysql never goes on in plain; without, it takes TLS where the server has it
        )
    except PullFailed:
        raise
    except Exception as error:
        raise _explained(error, server, secrets, is_open=False) from None
    try:
        yield MysqlSource(server, secrets, connection)
    finally:
        with contextlib.suppress(Exception):
            connection.close()


def _tls(server: Database) -> ssl.SSLContext | None:
    if server.tls is None:
        return None
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ssl.SSLError):
        raise source.root_missing(server.place) from None
    if server.tls == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class MysqlSource:
    """One table or query of a MySQL or MariaDB; see `source.Source`."""

    def __init__(self, server: Database, secrets: Secrets, connection: Any) -> None:
        """Args: server: of the contract; secrets: its own; connection: pymysql's, for small questions."""
        self._server = server
        self._secrets = secrets
        self._connection = connection

    def columns(self) -> list[SourceColumn]:
        """The columns, in order."""
        with self._asking(f"select * from {source.selection(self._server, _name)} limit 0") as cursor:
            # the public description does not tell BLOB from TEXT: the character set does
            return [_column(field) for field in cursor._result.fields]

    def batches(self, columns: Sequence[SourceColumn], window: Window) -> Iterator[pa.RecordBatch]:
        """The window's rows as text."""
        cells = ", ".join(f"{_text(c)} as {_name(c.name)}" for c in columns)
        sql = f"select {cells} from {source.selection(self._server, _name)} where {source.restriction(self._server, window, _name)}"
        floats = [c.name for c in columns if c.kind == "float"]
        try:
            for batch in self._encrypted(sql, [c.name for c in columns]) if self._server.tls else self._plain(sql):
                yield source.plain_floats(batch, floats)
        except (GeneratorExit, KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:  # a connection that goes away makes it panic, which is no Exception
            raise _explained(error, self._server, self._secrets, is_open=True) from None

    def _plain(self, sql: str) -> Iterator[pa.RecordBatch]:
        import connectorx

        yield from connectorx.read_sql(
            self._url(),
            sql,
            return_type="arrow_stream",
            batch_size=BATCH_ROWS,
            pre_execution_query=list(_SESSION),
        )

    def _encrypted(self, sql: str, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pymysql.cursors import SSCursor

        with self._asking(sql, SSCursor) as cursor:
            while rows := cursor.fetchmany(BATCH_ROWS):
                arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, names=list(names))

    def _url(self) -> str:
        user, password = (quote(self._secrets.get(name) or "", safe="") for name in ("USER", "PASSWORD"))
        login = f"{user}:{password}" if password else user
        options = f"tcp_keepalive_time_ms=30000&tcp_connect_timeout_ms={CONNECT_SECONDS}000"
        database = quote(self._server.database or "", safe="")
        return f"mysql://{login}@{self._server.host}:{self._server.port}/{database}?{options}"

    def count_before(self, bound: str) -> int:
        """How many rows have a cursor below a bound."""
        with self._asking(source.counting(self._server, bound, _name)) as cursor:
            return int(cursor.fetchone()[0])

    @contextmanager
    def _asking(self, sql: str, kind: type[Any] | None = None) -> Iterator[Any]:
        try:
            with self._connection.cursor() as cursor:
                for statement in _SESSION:
                    cursor.execute(statement)
            with self._connection.cursor(kind) as cursor:
                cursor.execute(sql)
                yield cursor
        except PullFailed:
            raise
        except Exception as error:
            raise _explained(error, self._server, self._secrets, is_open=True) from None


def _column(field: Any) -> SourceColumn:
    from pymysql.constants import FIELD_TYPE as T

    numbers = (T.TINY, T.SHORT, T.LONG, T.LONGLONG, T.INT24, T.YEAR)
    texts = (T.VARCHAR, T.VAR_STRING, T.STRING, T.BLOB, T.TINY_BLOB, T.MEDIUM_BLOB, T.LONG_BLOB)
    kinds: dict[int, ColumnKind] = {
        **dict.fromkeys(numbers, "integer"),
        **dict.fromkeys((T.DECIMAL, T.NEWDECIMAL, T.BIT), "number"),
        **dict.fromkeys((T.FLOAT, T.DOUBLE), "float"),
        **dict.fromkeys((T.DATE, T.DATETIME, T.TIMESTAMP, T.NEWDATE), "moment"),
        T.GEOMETRY: "binary",
    }
    kind = kinds.get(field.type_code, "text")
    if field.type_code in texts and field.charsetnr == _BINARY_CHARSET:
        kind = "binary"
    names = {value: name.lower() for name, value in vars(T).items() if name.isupper() and isinstance(value, int)}
    return SourceColumn(field.name, kind, names.get(field.type_code, str(field.type_code)))


def _text(column: SourceColumn) -> str:
    name = _name(column.name)
    return f"cast({name} + 0 as char)" if column.type_name == "bit" else f"cast({name} as char)"


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _explained(error: BaseException, server: Database, secrets: Secrets, is_open: bool) -> PullFailed:
    import pymysql

    code = error.args[0] if isinstance(error, pymysql.Error) and error.args else None
    # connectorx has no codes of its own: "MySqlError { ERROR 1146 (42S02): Table … doesn't exist }"
    said = secrets.scrub(str(error.args[-1] if error.args else error)).splitlines()[:1]
    if code is None and said and "ERROR " in said[0]:
        number = said[0].split("ERROR ", 1)[1].split(" ", 1)[0]
        code = int(number) if number.isdigit() else None
    told = f"{code}，{said[0][:200]}" if code and said else ""
    if not is_open and said and (trouble := source.tls_trouble(server.place, said[0])):
        return trouble
    if code in _LOGIN_ERRORS:
        return source.wrong_login(server.place, secrets.prefix)
    if code in _TABLE_ERRORS:
        return source.table_missing(server.table or told)
    if code in _COLUMN_ERRORS:
        return source.column_missing(told)
    if code in _RIGHTS_ERRORS:
        return source.not_allowed(told)
    if not is_open or code in (2002, 2003):
        return source.unreachable(server.place, str(code or type(error).__name__))
    if code and not 2000 <= code < 3000 and code not in (1053, 1927, 1317):
        return PullFailed(f"{server.place} 拒绝了查询（{told}）", "请与对方核对，更正合同里的 table、query 或 cursor")
    return source.broken_off(server.place)
