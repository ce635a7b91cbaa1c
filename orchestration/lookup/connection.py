"""Reading the published warehouse: read-only, hardened, and never on a version that is half there.

Readers resolve `serving/current` to the real path when they connect: inside one process DuckDB reuses an open
instance by path, so a fixed path would go on showing the old version (682 of 722 reads, 2026-11).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from dashboards.published.duckdb_settings import DUCKDB_SETTINGS
from dashboards.published.statement_guard import closed_functions, names_of
from ingest.base.errors import ShownError
from ingest.base.home import Home
from orchestration.language import say

TIMEOUT_SECONDS: Final = 60.0
MAX_STATEMENT_CHARACTERS: Final = 100_000
_READING: Final = frozenset(
    {"select", "with", "from", "describe", "desc", "show", "explain", "summarize", "values", "table"}
)
_EXPLAINABLE: Final = frozenset({"select", "with", "from", "values", "table"})


class WarehouseError(ShownError, RuntimeError):
    """Base of what a reader may meet; the message is Chinese and says what to do."""


class NotPublished(WarehouseError):
    """There is no published version yet."""


class StatementRefused(WarehouseError):
    """The statement is not a single reading one, or uses something that is closed."""


class QueryTimedOut(WarehouseError):
    """The statement ran longer than allowed and was stopped."""


class QueryFailed(WarehouseError):
    """DuckDB refused or could not finish the statement."""


def published_file(home: Home) -> Path:
    """The real path of the published file.

    Raises:
        NotPublished: when nothing was published yet, or the link points nowhere.
    """
    try:
        return home.current.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotPublished(
            say(
                "尚无已发布的版本；请先运行 jgt run（或 make demo）",
                "nothing is published yet; run jgt run (or make demo)",
            )
        ) from error


def settings(memory_limit: str = "2GB", threads: int = 2) -> dict[str, str]:
    """The hardened settings with these limits. The lock stays last."""
    return {**DUCKDB_SETTINGS, "memory_limit": memory_limit, "threads": str(threads)}


def connect(home: Home, memory_limit: str = "2GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Open the published version read-only and hardened.

    Args:
        home: state folder.
        memory_limit: DuckDB's spelling, as "2GB". All connections of one process to one version must agree on it.
        threads: how many DuckDB may use.

    Raises:
        NotPublished: when there is no published version.
        QueryFailed: when the file cannot be opened.
    """
    path = published_file(home)
    try:
        return duckdb.connect(str(path), read_only=True, config=dict(settings(memory_limit, threads)))
    except duckdb.Error as error:
        raise QueryFailed(
            say(
                f"打不开已发布的版本 {path.parent.name}：{_first_line(error)}；请运行 jgt doctor",
                f"published version {path.parent.name} does not open: {_first_line(error)}; run jgt doctor",
            )
        ) from error


def query(
    home: Home,
    sql: str,
    parameters: Sequence[Any] = (),
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one reading statement on the published version.

    Args:
        home: state folder.
        sql: one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.
        parameters: values for `?`.
        timeout_seconds: wall time after which the statement is interrupted.

    Returns:
        Column names and rows.

    Raises:
        StatementRefused, QueryTimedOut, QueryFailed, NotPublished: with a Chinese message.
    """
    guard(sql)
    connection = connect(home)
    try:
        with time_limit(connection, timeout_seconds):
            try:
                connection.execute(sql, list(parameters))
                names = [d[0] for d in connection.description or []]
                return names, connection.fetchall()
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                raise QueryFailed(explain(error)) from error
    finally:
        connection.close()


@contextmanager
def time_limit(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt whatever the connection runs after so many seconds.

    A timer thread calls `interrupt()`: SIGALRM does not reach DuckDB while it computes.

    Raises:
        QueryTimedOut: when the limit was reached.
    """
    expired = threading.Event()

    def stop() -> None:
        expired.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if expired.is_set():
            raise QueryTimedOut(
                say(
                    f"查询超过 {seconds:g} 秒，已停止；请缩小范围，或改查汇总表（agg_、rpt_）",
                    f"stopped after {seconds:g} s; narrow the query or read a summary table (agg_, rpt_)",
                )
            ) from error
        raise QueryFailed(say("查询被中断", "the query was interrupted")) from error
    finally:
        timer.cancel()


def guard(sql: str) -> None:
    """Let through one reading statement and nothing that shows paths, hides SQL or changes the instance.

    DuckDB's own parser and tokenizer decide, so comments, quoting and upper case make no difference.

    Raises:
        StatementRefused: saying what is not allowed and what is.
    """
    if len(sql) > MAX_STATEMENT_CHARACTERS:
        raise StatementRefused(
            say(
                f"语句超过 {MAX_STATEMENT_CHARACTERS} 个字符；请改用汇总表或分几次查询",
                f"longer than {MAX_STATEMENT_CHARACTERS} characters; use a summary table or several queries",
            )
        )
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise StatementRefused(
            say(f"语句有误：{_first_line(error)}", f"the statement has an error: {_first_line(error)}")
        ) from error
    if len(statements) != 1:
        raise StatementRefused(
            say(
                "一次只能执行一条查询语句（SELECT、WITH、DESCRIBE、SHOW、SUMMARIZE、EXPLAIN）",
                "one query at a time (SELECT, WITH, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN)",
            )
        )
    words = [word for word, _ in names_of(sql)]
    kind = statements[0].type
    first = words[0] if words else ""
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN) or first not in _READING:
        raise StatementRefused(
            say(
                f"只允许查询，不允许 {first.upper() or '该语句'}；可用 SELECT、WITH、DESCRIBE、SHOW、SUMMARIZE、EXPLAIN",
                f"queries only, not {first.upper() or 'this'}; there are SELECT, WITH, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN",
            )
        )
    if kind == duckdb.StatementType.EXPLAIN:
        explained = next((w for w in words[1:] if w not in ("explain", "analyze")), "")
        if explained not in _EXPLAINABLE:
            raise StatementRefused(say("EXPLAIN 只能用于查询语句", "EXPLAIN is for queries only"))
    denied = sorted(closed_functions(sql))
    if denied:
        raise StatementRefused(
            say(
                f"不允许使用 {'、'.join(denied)}：会读取文件、暴露路径、改变实例或不受内存限制",
                f"not allowed: {', '.join(denied)} (reads files, shows paths, changes the instance or ignores the memory limit)",
            )
        )


def explain(error: duckdb.Error) -> str:
    """A DuckDB error in Chinese first, with its own first line for whoever wants to look it up."""
    kinds: tuple[tuple[type[duckdb.Error], str], ...] = (
        (
            duckdb.PermissionException,
            say(
                "已发布的仓库只读，不能访问文件、扩展或其他数据库",
                "the published warehouse is read-only: no files, extensions or other databases",
            ),
        ),
        (
            duckdb.CatalogException,
            say(
                "没有这个表或函数；用 SHOW ALL TABLES 看有哪些表",
                "no such table or function; SHOW ALL TABLES lists what there is",
            ),
        ),
        (
            duckdb.BinderException,
            say(
                "列名或类型不对；用 DESCRIBE 表名 看有哪些列",
                "a column or type is wrong; DESCRIBE the table to see its columns",
            ),
        ),
        (duckdb.ParserException, say("语句有误", "the statement has an error")),
        (
            duckdb.OutOfMemoryException,
            say(
                "超出内存上限；请缩小范围，或改查汇总表（agg_、rpt_）",
                "over the memory limit; narrow the query or read a summary table (agg_, rpt_)",
            ),
        ),
        (
            duckdb.InvalidInputException,
            say(
                "已发布的仓库只读，设置已锁定，或输入不合法",
                "the published warehouse is read-only, its settings are locked, or the input is invalid",
            ),
        ),
        (duckdb.ConversionException, say("类型转换失败", "a value cannot be converted")),
    )
    for kind, meaning in kinds:
        if isinstance(error, kind):
            return f"{meaning}。（{_first_line(error)}）"
    return say(f"查询失败。（{_first_line(error)}）", f"the query failed. ({_first_line(error)})")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
