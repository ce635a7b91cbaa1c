"""Pulls a feed from the servers of its contract into the landing: the shell around drivers, cursor, file and ledger.

A pull is nothing but a file that we fetch ourselves: what lands is archived, judged, accounted for and re-driven like any
other. Order of events, so that a crash neither loses nor doubles: entered as running, read into a passing file, made durable,
given its name, entered as landed. The cursor moves on only with the ledger's batch of that file.
"""

from __future__ import annotations

import errno
import fcntl
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from ingest.base.clock import CITY_ZONE
from ingest.base.home import Home
from ingest.base.sql import literal, memory_connection
from ingest.feeds.cursors import moment_text
from ingest.feeds.file_names import pulled_name
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.feeds.servers import Database, Interface, Pull
from ingest.pulls import any_database, mysql, postgres
from ingest.pulls.cursor import HighestSeen, Window
from ingest.pulls.landing_file import LandingFile, remove_left_over
from ingest.pulls.secrets import Secrets, SecretsUnsafe, scrubbed_logs, secrets_for
from ingest.pulls.source import PullFailed, Source, SourceColumn, cursor_fits
from ingest.storage.pull_history import Mode, PullHistory, Reached

_OPENERS: dict[str, Callable[[Database, Secrets], AbstractContextManager[Source]]] = {
    "postgres": postgres.open_source,
    "mysql": mysql.open_source,
    "sqlalchemy": any_database.open_source,
}
Progress = Callable[[str], None]


@dataclass(frozen=True)
class PullResult:
    """What became of one pull.

    Args:
        feed: id of the feed.
        server: name of the server.
        outcome: `landed`; `waiting` when an earlier pull lies in the landing and must be taken in first; `failed`.
        rows: rows that were pulled.
        file: path relative to the landing.
        message: what to know of it; for a failure why, where and what to do.
        may_pass: a failure that may be gone a moment later (no answer, broken off).
    """

    feed: str
    server: str
    outcome: Literal["landed", "waiting", "failed"]
    rows: int = 0
    file: str | None = None
    message: str | None = None
    may_pass: bool = False


@dataclass(frozen=True)
class _Task:
    """One pull on its way."""

    home: Home
    feed: Feed
    server: Pull
    secrets: Secrets
    now: datetime
    window: Window
    reached: Reached | None


@dataclass(frozen=True)
class _Brought:
    """What a pull brought besides its rows."""

    cursor: str | None
    note: str | None = None
    older: tuple[str, int] | None = None


def pull(
    home: Home,
    feed: Feed,
    server: str | None = None,
    everything: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> list[PullResult]:
    """Pull a feed from its servers: what is new since the last pull, with the overlap; at first everything.

    Args:
        home: the state folder.
        feed: its contract.
        server: name of one of its servers; None means all.
        everything: leave the cursor aside this time.
        now: the moment; default the present.
        progress: gets one Chinese line a pull.

    Returns:
        One result a server, also for a pull that failed: nothing is raised for what a server does.
    """
    return [
        _pull_one(home, feed, found, now, progress, everything=everything)
        for found in feed.pulls
        if server is None or found.name == server
    ]


def pull_window(
    home: Home, feed: Feed, first: date, last: date, now: datetime | None = None, progress: Progress | None = None
) -> list[PullResult]:
    """Pull the rows whose cursor lies in a range of days, and those without a cursor; the cursor stays where it is.

    A server without a cursor of moments is pulled whole: the range is in it.

    Args:
        home: the state folder.
        feed: its contract.
        first: first day.
        last: last day, included.
        now: the moment; default the present.
        progress: gets one Chinese line a pull.

    Returns:
        One result a server.
    """
    begin = moment_text(datetime.combine(first, datetime.min.time()))
    end = moment_text(datetime.combine(last, datetime.min.time()) + timedelta(days=1))
    return [_pull_one(home, feed, found, now, progress, window=Window(begin, end)) for found in feed.pulls]


def is_due(home: Home, feed: Feed, now: datetime | None = None) -> bool:
    """Whether one of a feed's servers has not been pulled within the feed's period (and taken in), by the city's days."""
    if not feed.pulls:
        return False
    if not home.ledger.exists():
        return True
    today = _moment(now).date()
    with PullHistory(home.ledger) as history:
        for server in feed.pulls:
            reached = history.reached(feed.id, server.name)
            last = reached.started.replace(tzinfo=UTC).astimezone(CITY_ZONE).date() if reached else None
            if last is None or today >= last + timedelta(days=feed.frequency_days):
                return True
    return False


def is_any_due(home: Home, feeds: Mapping[str, Feed], now: datetime | None = None) -> bool:
    """Whether any feed's pull is due."""
    return any(is_due(home, feed, now) for feed in feeds.values())


def has_waiting(home: Home, feed: Feed) -> bool:
    """Whether a pull of this feed lies in the landing and is not taken in yet (a run broke off in between)."""
    if not feed.pulls or not home.ledger.exists():
        return False
    with PullHistory(home.ledger) as history:
        return any(history.waiting(feed.id, server.name, home.landing) for server in feed.pulls)


def _moment(now: datetime | None) -> datetime:
    """A moment on the city's clock, without zone."""
    given = now or datetime.now(UTC)
    return (given.astimezone(CITY_ZONE) if given.tzinfo else given).replace(tzinfo=None)


def _pull_one(
    home: Home,
    feed: Feed,
    server: Pull,
    now: datetime | None,
    progress: Progress | None,
    everything: bool = False,
    window: Window | None = None,
) -> PullResult:
    home.ensure()
    moment = _moment(now)
    folder = home.landing / feed.department / feed.name
    with _alone(home, feed), PullHistory(home.ledger) as history:
        waiting = history.waiting(feed.id, server.name, home.landing)
        if waiting is not None:
            result = PullResult(
                feed.id, server.name, "waiting", file=waiting, message="上次拉取的文件尚未收数，请先运行 jgt run"
            )
        else:
            folder.mkdir(parents=True, exist_ok=True)
            remove_left_over(folder, feed.label, server.name)
            while (folder / pulled_name(feed.label, server.name, moment)).exists():
                moment += timedelta(seconds=1)
            result = _enter(home, feed, server, moment, history, everything, window)
    if progress:
        progress(describe(feed, result))
    return result


def _enter(
    home: Home, feed: Feed, server: Pull, now: datetime, history: PullHistory, everything: bool, window: Window | None
) -> PullResult:
    """One pull, from its first entry in the ledger to its last."""
    reached = None if everything or window else history.reached(feed.id, server.name)
    cursor = server.cursor
    if window is not None:
        bounds = window if cursor and cursor.kind == "moment" else Window()
    elif cursor and reached and reached.cursor is not None:
        bounds = Window(lower=cursor.lower(reached.cursor))
    else:
        bounds = Window()
    mode: Mode = "window" if window else "cursor" if bounds.lower else "everything"
    name = pulled_name(feed.label, server.name, now)
    file = f"{feed.department}/{feed.name}/{name}"
    started = now.replace(tzinfo=CITY_ZONE).astimezone(UTC).replace(tzinfo=None)
    pull_id = history.start(feed.id, server.name, mode, started, bounds.lower, file)
    landing = LandingFile(
        home.landing / feed.department / feed.name,
        name,
        {"jgt.feed": feed.id, "jgt.server": server.name, "jgt.pulled_at": moment_text(now), "jgt.mode": mode},
    )
    secrets = Secrets("", {})
    try:
        secrets = secrets_for(home.root, feed.department, server.name)
        task = _Task(home, feed, server, secrets, now, bounds, reached)
        with scrubbed_logs(secrets):
            brought = (
                _read_interface(task, landing)
                if isinstance(server, Interface)
                else _read_database(task, server, landing)
            )
        landing.land()
    except Exception as error:
        landing.drop()
        message = secrets.scrub(_reason(error))
        history.failed(pull_id, message)
        may_pass = isinstance(error, PullFailed) and error.may_pass
        return PullResult(feed.id, server.name, "failed", message=message, may_pass=may_pass)
    except BaseException:
        landing.drop()
        raise
    history.landed(pull_id, landing.rows, brought.cursor, brought.note, brought.older)
    return PullResult(feed.id, server.name, "landed", landing.rows, file, brought.note)


def _reason(error: Exception) -> str:
    if isinstance(error, PullFailed | SecretsUnsafe):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "磁盘已满，没有落地。请腾出空间，下一轮自动重试"
    if isinstance(error, OSError):
        return f"落地文件写不下去（{error.strerror}），没有落地。请检查 landing 目录的权限与磁盘，下一轮自动重试"
    # whatever else it says may hold content of rows or a URL: the place in the code is enough to find it
    trace = sys.exc_info()[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"拉取程序出错（{type(error).__name__}，{place}），没有落地。请把这一行告诉维护者；下一轮自动重试"


def _read_database(task: _Task, server: Database, landing: LandingFile) -> _Brought:
    """Everything of one database that a pull wants, into its file."""
    with _OPENERS[server.kind](server, task.secrets) as source:
        columns = source.columns()
        wanted, left_out = _wanted(task.feed, server, columns)
        window, notes = task.window, [f"未收二进制列：{'、'.join(left_out)}"] if left_out else []
        late = _late_rows(source, task.reached) if window.lower else 0
        if late:
            window = Window()
            notes.append(f"有 {late:,} 行晚到且早于重叠窗口，本次全部重拉；经常如此请调大合同里的 overlap")
        seen = HighestSeen(server.cursor, task.now) if server.cursor else None
        landing.begin([c.name for c in wanted])
        for batch in source.batches(wanted, window):
            landing.write(batch)
            if seen is not None and server.cursor is not None:
                try:
                    seen.look(batch.column(_cursor_column(server, wanted).name))
                except ValueError:  # it may quote the value
                    raise PullFailed(
                        f"游标列 {server.cursor.column} 里有不是整数的值",
                        "请改用整数列，或按时间列改 cursor 的 overlap（如 2 d）",
                    ) from None
        landing.finish()
        if seen is None or server.cursor is None:
            return _Brought(None, "；".join(notes) or None)
        reached = seen.reached(task.reached.cursor if task.reached else None)
        older = None
        if reached is not None and task.window.upper is None:
            bound = server.cursor.lower(reached)
            older = (bound, source.count_before(bound))
        return _Brought(reached, "；".join(notes) or None, older)


def _late_rows(source: Source, reached: Reached | None) -> int:
    """How many more rows there are below the window than when the last pull ended: they came late, and too late for it."""
    if reached is None or reached.older_bound is None or reached.older_rows is None:
        return 0
    return max(0, source.count_before(reached.older_bound) - reached.older_rows)


def _wanted(feed: Feed, server: Database, columns: list[SourceColumn]) -> tuple[list[SourceColumn], list[str]]:
    """The columns to pull, and the binary ones that no contract asks for; refuses what cannot be taken in."""
    names = [c.name for c in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PullFailed(f"查询里有重名的列：{'、'.join(twice)}", "请在合同的 query 里用 as 起不同的名字")
    found = match(feed, names)
    if found.missing:
        raise PullFailed(
            f"{server.place} 里没有合同要求的列：{'、'.join(label for _, label in found.missing)}（对方现有：{'、'.join(names)}）",
            "若对方只是换了列名，在合同该列的 synonyms 里加上；若删了列，请与对方协商恢复，或更正合同",
        )
    asked = {names[position] for position in found.positions.values()}
    binary = [c.name for c in columns if c.kind == "binary"]
    for name in binary:
        if name in asked:
            raise PullFailed(f"列 {name} 是二进制，不能按文本收取", "请对方提供文本列，或在合同里用 query 转换")
    if server.cursor is not None:
        _require_fit(server, _cursor_column(server, columns))
    return [c for c in columns if c.name not in binary], binary


def _cursor_column(server: Database, columns: list[SourceColumn]) -> SourceColumn:
    assert server.cursor is not None
    wanted = server.cursor.column
    exact = [c for c in columns if c.name == wanted] or [c for c in columns if c.name.lower() == wanted.lower()]
    if not exact:
        raise PullFailed(
            f"{server.place} 里没有游标列 {wanted}（对方现有：{'、'.join(c.name for c in columns)}）",
            "请更正合同里的 cursor.column",
        )
    return exact[0]


def _require_fit(server: Database, column: SourceColumn) -> None:
    assert server.cursor is not None
    is_told = column.type_name != "unknown"
    if is_told and not cursor_fits(server.cursor.kind, column):
        wanted = "日期或时间" if server.cursor.kind == "moment" else "整数"
        raise PullFailed(
            f"游标列 {column.name} 的类型是 {column.type_name}，而 overlap 的写法要求它是{wanted}列",
            "请改用合适的列，或按列的类型改 overlap（时间列写 2 d，整数列写 1000 ids），或在 query 里转换",
        )


def _read_interface(task: _Task, landing: LandingFile) -> _Brought:
    """Every page of an interface, into its file; refused unless it is complete."""
    from ingest.pulls import rest  # dlt costs half a CPU-second: only where a feed is pulled from an interface

    assert isinstance(task.server, Interface)
    until = moment_text(task.now.replace(microsecond=0))
    pages = rest.Pages(task.server, task.secrets, task.feed, _state(task.home))
    names: dict[str, None] = {}
    for batch in pages.batches(Window(task.window.lower, task.window.upper or until)):
        if not names:
            landing.begin(batch.schema.names)
        names |= dict.fromkeys(batch.schema.names)
        landing.write(batch)
    if not names:
        landing.begin(list(rest.columns_without_rows(task.feed)))
    missing = match(task.feed, list(names)).missing if names else ()
    if missing:
        raise PullFailed(
            f"{task.server.place} 返回的记录里没有合同要求的项：{'、'.join(label for _, label in missing)}（现有：{'、'.join(names)}）",
            "若对方只是换了名字，在合同该列的 synonyms 里加上；否则请与对方协商，或更正合同",
        )
    pages.require_complete(_distinct_rows(landing.finish()))
    return _Brought(until if task.server.window else None, pages.note())


def _distinct_rows(path: Path) -> int:
    with memory_connection("512MB") as connection:
        [(rows,)] = connection.execute(
            f"select count(distinct hash(pulled)) from read_parquet({literal(path)}) as pulled"
        ).fetchall()
    return int(rows)


def describe(feed: Feed, result: PullResult) -> str:
    """One Chinese line about a pull: what was asked of whom and what came of it."""
    where = f"{feed.label}（{result.feed}）从 {result.server}"
    if result.outcome == "failed":
        return f"{where} 拉取失败：{result.message}"
    if result.outcome == "waiting":
        return f"{where}：{result.message}（{result.file}）"
    return f"{where} 拉取 {result.rows:,} 行" + (f"；{result.message}" if result.message else "")


def _state(home: Home) -> Path:
    return home.lake / ".pulls"


@contextmanager
def _alone(home: Home, feed: Feed) -> Iterator[Any]:
    """One pull of a feed at a time, across processes."""
    folder = _state(home)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{feed.id}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
