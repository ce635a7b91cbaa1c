"""The ledger's table of pulls: what was asked of which server, what came of it, and how far a feed has been pulled."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ingest.storage.ledger import Ledger

Mode = Literal["cursor", "everything", "window"]
# what counts as taken in: the batch of that very file, loaded (also when every row of it was known)
_TAKEN = (
    "exists (select 1 from batch where batch.feed = pull.feed and batch.file = pull.file and batch.status = 'loaded')"
)
_ON_LEDGER = "exists (select 1 from batch where batch.feed = pull.feed and batch.file = pull.file)"


@dataclass(frozen=True)
class Reached:
    """Where a feed's last good pull got to.

    Args:
        cursor: the highest value that counts; None when no row had one.
        started: when it began (UTC, naive).
        older_bound: rows with a cursor below it are not looked at by the next pull,
        older_rows: and so many there were of them.
    """

    cursor: str | None
    started: datetime
    older_bound: str | None
    older_rows: int | None


class PullHistory:
    """The table `pull` in the ledger's file; use it as a context manager."""

    def __init__(self, ledger: Path) -> None:
        """Args: ledger: the ledger's file; made where it is absent."""
        Ledger(ledger).close()
        self._connection = sqlite3.connect(ledger, timeout=60, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma synchronous = full")

    def __enter__(self) -> PullHistory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def start(self, feed: str, server: str, mode: Mode, started: datetime, cursor_from: str | None, file: str) -> str:
        """Enter a pull that begins; returns its id. One that a killed process left running is closed as interrupted."""
        self._connection.execute(
            "update pull set outcome = 'failed', ended = ?, message = '上一次拉取中途被终止，没有落地；已自动重来' "
            "where feed = ? and server = ? and outcome = 'running'",
            (_text(started), feed, server),
        )
        pull_id = f"{feed}_{server}_{started:%Y%m%dT%H%M%S%f}"
        row = (
            pull_id,
            feed,
            server,
            mode,
            _text(started),
            None,
            cursor_from,
            None,
            None,
            file,
            "running",
            None,
            None,
            None,
        )
        self._connection.execute(f"insert into pull values ({', '.join('?' * len(row))})", row)
        return pull_id

    def landed(
        self,
        pull_id: str,
        rows: int,
        cursor_to: str | None,
        message: str | None,
        older: tuple[str, int] | None,
    ) -> None:
        """Enter what a pull brought, once its file lies in the landing."""
        bound, count = older or (None, None)
        self._connection.execute(
            "update pull set outcome = 'landed', ended = ?, rows = ?, cursor_to = ?, message = ?, older_bound = ?, "
            "older_rows = ? where pull_id = ?",
            (_text(_now()), rows, cursor_to, message, bound, count, pull_id),
        )

    def failed(self, pull_id: str, message: str) -> None:
        """Enter why a pull brought nothing."""
        self._connection.execute(
            "update pull set outcome = 'failed', ended = ?, message = ? where pull_id = ?",
            (_text(_now()), message, pull_id),
        )

    def reached(self, feed: str, server: str) -> Reached | None:
        """Where the last pull got to that was also taken in; None before the first.

        A pull whose file was refused, or is lost, does not count: the next one begins where that one began.
        """
        row = self._connection.execute(
            f"select * from pull where feed = ? and server = ? and outcome = 'landed' and mode <> 'window' and {_TAKEN} "
            "order by started desc limit 1",
            (feed, server),
        ).fetchone()
        if row is None:
            return None
        return Reached(row["cursor_to"], datetime.fromisoformat(row["started"]), row["older_bound"], row["older_rows"])

    def waiting(self, feed: str, server: str, landing: Path) -> str | None:
        """A pull's file that lies in the landing and is not on the ledger yet; None if there is none."""
        rows = self._connection.execute(
            f"select file from pull where feed = ? and server = ? and outcome = 'landed' and not {_ON_LEDGER} order by started",
            (feed, server),
        )
        return next((row["file"] for row in rows if (landing / row["file"]).exists()), None)

    def latest(self) -> list[dict[str, Any]]:
        """The latest pull of every feed and server, in that order, with `taken` (whether its file is on the ledger).

        Windows that an operator asked for do not count, unless they are all there is.
        """
        rows = self._connection.execute(
            f"select *, {_ON_LEDGER} as taken from pull order by feed, server, mode = 'window' desc, started"
        )
        last = {(row["feed"], row["server"]): dict(row) for row in rows}
        return list(last.values())


def latest_pulls(ledger: Path) -> list[dict[str, Any]]:
    """`PullHistory.latest` of a ledger that may not exist yet."""
    if not ledger.exists():
        return []
    with PullHistory(ledger) as history:
        return history.latest()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _text(moment: datetime) -> str:
    return moment.isoformat(sep=" ")
