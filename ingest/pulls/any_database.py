"""Whatever else SQLAlchemy reaches (达梦, 人大金仓, Oracle … by their own drivers): a server-side cursor, rows to Arrow text."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingest.base.clock import CITY_ZONE, in_city
from ingest.feeds.cursors import moment_text
from ingest.feeds.servers import Database
from ingest.pulls import source
from ingest.pulls.cursor import Window
from ingest.pulls.secrets import Secrets
from ingest.pulls.source import BATCH_ROWS, ColumnKind, PullFailed, SourceColumn

if TYPE_CHECKING:
    import pyarrow as pa

# url scheme → what to install, and the url's form. None of these servers was at hand (2026-11): the forms are their makers'
_DRIVERS = {
    **dict.fromkeys(("dm", "dm+dmpython"), ("dmPython 与 dmSQLAlchemy（随达梦安装提供）", "dm+dmPython://主机:5236/")),
    **dict.fromkeys(("oracle", "oracle+oracledb"), ("oracledb", "oracle+oracledb://主机:1521/?service_name=服务名")),
    **dict.fromkeys(
        ("kingbase", "kingbase8", "kingbase+ksycopg2", "kingbase8+ksycopg2"),
        ("ksycopg2 及其 SQLAlchemy 方言（随人大金仓提供），或改用 type: postgres", "kingbase+ksycopg2://主机:54321/库"),
    ),
    **dict.fromkeys(("postgresql", "postgresql+psycopg"), ("psycopg[binary]", "postgresql+psycopg://主机:5432/库")),
    "postgresql+psycopg2": ("psycopg2-binary", "postgresql+psycopg2://主机:5432/库"),
    **dict.fromkeys(
        ("mssql", "mssql+pyodbc"), ("pyodbc", "mssql+pyodbc://主机:1433/库?driver=ODBC+Driver+18+for+SQL+Server")
    ),
}
_DAYS = "date"  # the type of a column that holds days alone; Oracle's DATE holds a time as well
_COLON, _ESCAPED = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))"), r"\\:"  # what SQLAlchemy's text takes for a parameter
_NO_LOGIN = ("access denied", "authentication", "invalid username", "ora-01017", "login failed", "用户名或密码")
# in the words of SQLite, MySQL, PostgreSQL, Oracle, 达梦 and 人大金仓, the last as its handbook has them
_NO_COLUMN = re.compile(
    "no such column|unknown column|column [^ ]+ does not exist|ora-00904|无效的列|(字段|列) ?[^ ]+ ?不存在"
)
_NO_TABLE = ("no such table", "doesn't exist", "does not exist", "ora-00942", "无效的表", "不存在")


@contextmanager
def open_source(server: Database, secrets: Secrets) -> Iterator[AnySource]:
    """Connect.

    Raises:
        PullFailed: the driver is not installed, the server does not answer or does not let us in.
    """
    import sqlalchemy as sa
    from sqlalchemy.pool import NullPool

    try:
        url = sa.make_url(server.url or "").set(host=server.host or None, port=server.port)
        if server.database:
            url = url.set(database=server.database)
        user, password = secrets.get("USER"), secrets.get("PASSWORD")
        if user:
            url = url.set(username=user)
        if password:
            url = url.set(password=password)
        # hide_parameters: an error must not quote values
        # pymysql takes a password as text for Latin-1
        as_bytes = {"password": password.encode()} if password and url.get_driver_name() == "pymysql" else {}
        engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=as_bytes)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        named = secrets.scrub(str(error)).splitlines()[0][:200]
        raise PullFailed(
            f"没有安装 {server.name} 所需的数据库驱动（{named}）", _driver_wanted(server.url or "")
        ) from None
    except Exception as error:
        raise PullFailed(f"合同里的 url 不可用（{type(error).__name__}）", "请按 SQLAlchemy 的写法更正 url") from None
    try:
        connection = engine.connect()
    except Exception as error:
        raise _explained(error, server, secrets, is_open=False) from None
    try:
        yield AnySource(server, secrets, connection)
    finally:
        with contextlib.suppress(Exception):
            connection.close()
        engine.dispose()


def _driver_wanted(url: str) -> str:
    """What to install for a dialect, and how its url is written."""
    package, form = _DRIVERS.get(url.split("://", 1)[0].lower(), ("", ""))
    if not package:
        return "请核对合同里 url 的 方言+驱动，安装它的 Python 包后再运行 jgt pull"
    return f"请在本程序的环境里安装 {package}（url 写成 {form}），再运行 jgt pull"


class AnySource:
    """One table or query of any database; see `source.Source`."""

    def __init__(self, server: Database, secrets: Secrets, connection: Any) -> None:
        """Args: server: of the contract; secrets: its own; connection: SQLAlchemy's, open."""
        self._server = server
        self._secrets = secrets
        self._connection = connection
        self._columns: Sequence[SourceColumn] = ()

    def columns(self) -> list[SourceColumn]:
        """The columns, in order: names from the result, types from the catalogue where it has them."""
        import sqlalchemy as sa

        with self._told():
            names = list(self._connection.execute(nothing(self._server)).keys())
            types: dict[str, Any] = {}
            if self._server.table:
                with contextlib.suppress(NotImplementedError, sa.exc.NoSuchTableError):
                    inspector = sa.inspect(self._connection)
                    listed = inspector.get_columns(self._server.table, schema=self._server.schema)
                    types = {c["name"].lower(): c["type"] for c in listed}
            columns = [column_of(name, types.get(name.lower())) for name in names]
        self._columns = columns
        return columns

    def batches(self, columns: Sequence[SourceColumn], window: Window) -> Iterator[pa.RecordBatch]:
        """The window's rows as text."""
        import pyarrow as pa

        statement = rows_of(self._server, columns, window)
        result: Any = None
        try:
            result = self._connection.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS).execute(
                statement
            )
            while rows := result.fetchmany(BATCH_ROWS):
                cells = zip(*rows, strict=True)
                arrays = [
                    pa.array([as_text(v, c.name) for v in values], pa.string())
                    for c, values in zip(columns, cells, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, names=[c.name for c in columns])
        except (PullFailed, pa.ArrowInvalid, UnicodeError):
            raise
        except Exception as error:
            _abandon(result)
            raise _explained(error, self._server, self._secrets, is_open=True) from None
        finally:
            with contextlib.suppress(Exception):
                if result is not None:
                    result.close()

    def count_before(self, bound: str) -> int:
        """How many rows have a cursor below a bound."""
        with self._told():
            return int(self._connection.execute(count_below(self._server, self._columns, bound)).scalar())

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PullFailed:
            raise
        except Exception as error:
            raise _explained(error, self._server, self._secrets, is_open=True) from None


def _abandon(result: Any) -> None:
    """Let go of a result whose connection is gone: pymysql would read on when it is collected, and complain on stderr."""
    unread = getattr(getattr(result, "cursor", None), "_result", None)
    if unread is not None and getattr(unread, "unbuffered_active", False):
        unread.unbuffered_active = False


def nothing(server: Database) -> Any:
    """The statement that gives a table's or query's columns and no row; each dialect quotes names as it must."""
    import sqlalchemy as sa

    return sa.select(sa.text("*")).select_from(_from(server)).where(sa.text("1 = 0"))


def rows_of(server: Database, columns: Sequence[SourceColumn], window: Window) -> Any:
    """The statement of a window's rows.

    Args:
        server: of the contract.
        columns: of the source, those that are wanted.
        window: which rows.

    Returns:
        SQLAlchemy's statement, which no dialect has to be asked for.
    """
    import sqlalchemy as sa

    statement: Any = sa.select(*(sa.column(c.name) for c in columns)).select_from(_from(server))
    # not WHERE true: Oracle and its like have no such word and get WHERE 1, which they refuse
    restricted = server.cursor is not None and not window.is_everything
    return statement.where(_condition(server, columns, window)) if restricted else statement


def count_below(server: Database, columns: Sequence[SourceColumn], bound: str) -> Any:
    """The statement that counts rows whose cursor lies below a bound."""
    import sqlalchemy as sa

    cursor = _cursor_of(server, columns)
    below: Any = sa.column(cursor.name)
    return sa.select(sa.func.count()).select_from(_from(server)).where(below < _bound(server, cursor, bound, True))


def _from(server: Database) -> Any:
    import sqlalchemy as sa

    if server.query:  # without AS, which Oracle does not take; a colon before a word would be a parameter
        return sa.text(f"({_COLON.sub(_ESCAPED, server.query)}) pulled")
    return sa.table(server.table or "", schema=server.schema)


def _cursor_of(server: Database, columns: Sequence[SourceColumn]) -> SourceColumn:
    """The cursor's column as the source spells it: a contract may say UPDATED_AT where it is updated_at."""
    assert server.cursor is not None
    wanted = server.cursor.column
    alike = [c for c in columns if c.name.lower() == wanted.lower()]
    return next((c for c in alike if c.name == wanted), alike[0] if alike else SourceColumn(wanted, "text", "unknown"))


def _condition(server: Database, columns: Sequence[SourceColumn], window: Window) -> Any:
    import sqlalchemy as sa

    cursor = _cursor_of(server, columns)
    column: Any = sa.column(cursor.name)
    bounds = [column >= _bound(server, cursor, window.lower)] if window.lower is not None else []
    bounds += [column < _bound(server, cursor, window.upper, True)] if window.upper is not None else []
    return sa.or_(sa.and_(*bounds), column.is_(None))


def _bound(server: Database, column: SourceColumn, bound: str, is_upper: bool = False) -> Any:
    """A bound as the driver wants it: a number, a moment, or for a column of days a day, none of whose rows is lost."""
    if server.cursor is not None and server.cursor.kind == "number":
        return int(bound)
    moment = datetime.datetime.fromisoformat(bound)
    if column.kind == "zoned":  # else it would be taken for a moment of the server's or the session's zone
        import sqlalchemy as sa

        return sa.literal(moment.replace(tzinfo=CITY_ZONE), sa.DateTime(timezone=True))
    if column.type_name != _DAYS:
        return moment
    day = moment.date()
    return day + datetime.timedelta(days=1) if is_upper and moment.time() != datetime.time() else day


def column_of(name: str, kind: Any) -> SourceColumn:
    """A column by SQLAlchemy's type of it; None where there is no catalogue to ask."""
    import sqlalchemy as sa

    told: ColumnKind = "text"
    families: tuple[tuple[Any, ColumnKind], ...] = (
        (sa.types.Float, "float"),
        (sa.types.Numeric, "number"),
        (sa.types.Integer, "integer"),
        (sa.types.DateTime, "moment"),
        (sa.types.Date, "moment"),
        ((sa.types.LargeBinary, sa.types.BINARY, sa.types.VARBINARY), "binary"),
    )
    for family, meant in families:
        if isinstance(kind, family):
            told = meant
            break
    # Oracle's NUMBER is both: whole numbers unless it has decimal places; so is DECIMAL(18) elsewhere
    scale = getattr(kind, "scale", None)
    if told == "number" and (scale == 0 or (scale is None and isinstance(kind, sa.types.Integer))):
        told = "integer"
    # a query has no catalogue: its types follow from its values
    type_name = "unknown" if kind is None else type(kind).__name__.lower()
    if type_name == "raw":  # Oracle's, of no family of SQLAlchemy's
        told = "binary"
    if told == "moment" and getattr(kind, "timezone", False):
        told = "zoned"
    if type_name == _DAYS and isinstance(kind, sa.types.DateTime):
        type_name = "datetime"
    return SourceColumn(name, told, type_name)


def as_text(value: object, column: str) -> str | None:
    """A driver's value as the judge expects text: ISO dates, plain numbers, NULL as it is.

    Args:
        value: what the driver gave.
        column: its name, for the message.

    Raises:
        PullFailed: the value is binary.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return moment_text(in_city(value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict | list):  # what drivers make of a column of JSON
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes | bytearray | memoryview):
        raise PullFailed(
            f"列 {column} 是二进制，不能按文本收取", "请在合同里改用 query，只选需要的列，或请对方提供文本列"
        )
    read = getattr(value, "read", None)  # a large object, which some drivers hand over as a handle
    return as_text(read(), column) if callable(read) else str(value)


def _explained(error: Exception, server: Database, secrets: Secrets, is_open: bool) -> PullFailed:
    """What a driver says, as far as it is alike among drivers: each has codes and words of its own."""
    original = getattr(error, "orig", None) or error
    said = next(iter(secrets.scrub(str(original.args[-1] if original.args else original)).splitlines()), "")[:200]
    if not is_open and isinstance(original, FileNotFoundError):
        return source.root_missing(server.place)  # the only file that a url names
    if not is_open and (trouble := source.tls_trouble(server.place, str(original))):
        return trouble
    lower = secrets.scrub(str(original)).lower()
    if any(word in lower for word in _NO_LOGIN):
        return source.wrong_login(server.place, secrets.prefix)
    # the column first: PostgreSQL's words differ in that one alone
    if is_open and _NO_COLUMN.search(lower):
        return source.column_missing(said)
    if is_open and any(word in lower for word in _NO_TABLE):
        return source.table_missing(server.table or said)
    if not is_open:
        return source.unreachable(server.place, said)
    if getattr(error, "connection_invalidated", False):
        return source.broken_off(server.place)
    if type(error).__name__ in ("OperationalError", "InterfaceError", "DisconnectionError"):
        return source.broken_off(server.place)
    return PullFailed(
        f"{server.place} 拒绝了查询（{type(original).__name__}）", "请与对方核对，更正合同里的 table、query 或 cursor"
    )
