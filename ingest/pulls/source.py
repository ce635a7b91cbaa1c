"""What every kind of database offers to a pull: its columns, its rows as batches of text, a count; and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, Protocol

from ingest.pulls.cursor import Window, condition

if TYPE_CHECKING:
    import pyarrow as pa

    from ingest.feeds.servers import Database

# rows of a batch: some 10 MB of text, so that memory does not depend on the size of the table
BATCH_ROWS = 20_000
CONNECT_SECONDS = 10
CITY_OFFSET = "+08:00"
ColumnKind = Literal["text", "integer", "number", "float", "moment", "zoned", "binary"]
_FITS = {"moment": ("moment", "zoned"), "number": ("integer",)}


class PullFailed(RuntimeError):
    """A pull that brought nothing: why, and what to do; without any secret and without content of rows.

    Args:
        why: the cause in Chinese.
        todo: what to do about it.
        may_pass: whether it may succeed by itself a moment later.
    """

    def __init__(self, why: str, todo: str, may_pass: bool = False) -> None:
        super().__init__(f"{why}。{todo}")
        self.may_pass = may_pass


@dataclass(frozen=True)
class SourceColumn:
    """A column of the source: its name there, and what its server calls its type."""

    name: str
    kind: ColumnKind
    type_name: str


class Source(Protocol):
    """An open connection to one table or query."""

    def columns(self) -> list[SourceColumn]:
        """The columns, in order."""

    def batches(self, columns: Sequence[SourceColumn], window: Window) -> Iterator[pa.RecordBatch]:
        """The window's rows as text, named as in the source, in constant memory."""

    def count_before(self, bound: str) -> int:
        """How many rows have a cursor below a bound."""


def cursor_fits(kind: str, column: SourceColumn) -> bool:
    """Whether a cursor of moments or numbers can be laid over a column of that type."""
    return column.kind in _FITS[kind]


def plain_floats(batch: pa.RecordBatch, floats: Sequence[str]) -> pa.RecordBatch:
    """Numbers that a server writes as 1e+20 or 1e-07, written out; all other text as it is.

    Args:
        batch: columns of text.
        floats: names of those that hold floating-point numbers.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    arrays = list(batch.columns)
    for place, name in enumerate(batch.schema.names):
        if name not in floats or not pc.any(pc.match_substring(arrays[place], "e", ignore_case=True)).as_py():
            continue
        arrays[place] = pa.array([_plain(text) for text in arrays[place].to_pylist()], pa.string())
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _plain(text: str | None) -> str | None:
    if text is None or "e" not in text.lower():
        return text
    try:
        return format(Decimal(text), "f")
    except InvalidOperation:
        return text


def unreachable(place: str, what: str = "") -> PullFailed:
    """The server does not answer."""
    detail = f"（{what}）" if what else ""
    return PullFailed(
        f"连不上 {place}{detail}", "请确认对方服务器已启动、网络与端口可达，恢复后下一轮自动重试，或运行 jgt pull", True
    )


_NO_TLS = ("does not support ssl", "doesn't support it", "ssl is required")
_UNTRUSTED = ("certificate verify failed", "does not match host name", "hostname mismatch", "ip address mismatch")
_NO_ROOT = ("root certificate file", "could not read root certificate")


def tls_trouble(place: str, told: str) -> PullFailed | None:
    """What a driver says of encryption that the contract asks for; None if it speaks of something else.

    Args:
        place: the server.
        told: the driver's words, whatever the driver.
    """
    lower = told.lower()
    if any(words in lower for words in _NO_TLS):
        return PullFailed(
            f"合同要求加密（tls），{place} 却不支持，没有改走明文",
            "请对方在数据库上启用 TLS；确认走专网时再删去合同里的 tls",
        )
    if any(words in lower for words in _NO_ROOT):
        return root_missing(place)
    if any(words in lower for words in _UNTRUSTED):
        return PullFailed(
            f"{place} 的证书没有通过核验，没有连接",
            "请核对 caFile 是对方的根证书、证书没有过期、host 与证书上的名字一致",
        )
    return None


def root_missing(place: str) -> PullFailed:
    """The file that `caFile` names is not there, or is no certificate."""
    return PullFailed(
        f"读不到核验 {place} 所用的根证书", "请把对方的根证书（PEM）放到合同 caFile（或 url）所写的位置，并让本程序可读"
    )


def selection(server: Database, quoted: Callable[[str], str]) -> str:
    """What a query selects from: the contract's query, or its table under its schema.

    Args:
        server: of the contract.
        quoted: a name as the server quotes it.
    """
    if server.query:
        return f"({server.query}) as pulled"
    schema = f"{quoted(server.schema)}." if server.schema else ""
    return f"{schema}{quoted(server.table or '')}"


def restriction(server: Database, window: Window, quoted: Callable[[str], str]) -> str:
    """The WHERE condition of a window; true of all rows without a cursor."""
    return condition(quoted(server.cursor.column), window) if server.cursor else "1 = 1"


def counting(server: Database, bound: str, quoted: Callable[[str], str]) -> str:
    """The query that counts rows whose cursor lies below a bound."""
    assert server.cursor is not None
    below = restriction(server, Window(upper=bound), quoted)
    return (
        f"select count(*) from {selection(server, quoted)} where {below} and {quoted(server.cursor.column)} is not null"
    )


def broken_off(place: str) -> PullFailed:
    """The connection went away in the middle."""
    return PullFailed(
        f"读取 {place} 中途断开，已读的部分作废，没有落地",
        "请确认对方服务器与网络正常，恢复后下一轮自动重试，或运行 jgt pull",
        True,
    )


def wrong_login(place: str, prefix: str) -> PullFailed:
    """User or password are not accepted."""
    return PullFailed(
        f"{place} 不接受所给的用户或口令", f"请核对 {prefix}USER 与 {prefix}PASSWORD（环境变量或 JGT_HOME/secrets.env）"
    )


def login_missing(prefix: str, names: str) -> PullFailed:
    """A secret that is needed is not given."""
    return PullFailed(
        f"没有找到 {names}", f"请在环境变量或 JGT_HOME/secrets.env（权限 600）里设置 {prefix} 开头的相应密钥"
    )


def table_missing(table: str | None) -> PullFailed:
    """The table is not there, or not visible to our user."""
    return PullFailed(
        f"对方没有表 {table}，或我们的用户看不到它",
        "请与对方核对表名与 schema，更正合同里的 table 与 schema，或请对方授权",
    )


def column_missing(detail: str) -> PullFailed:
    """The query names a column that is not there."""
    return PullFailed(f"对方没有所查的列（{detail}）", "请与对方核对列名，更正合同里的 cursor 或 query")


def not_allowed(detail: str) -> PullFailed:
    """Our user may not read."""
    return PullFailed(f"我们的用户没有读取权限（{detail}）", "请对方授予该表的只读权限（GRANT SELECT）")
