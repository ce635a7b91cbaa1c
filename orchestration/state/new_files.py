"""What lies in landing and is not on the ledger yet; found out without Dagster, so that doing nothing is cheap."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.base.errors import ShownError
from ingest.base.files import sha256_of
from ingest.base.home import Home
from ingest.feeds.file_names import date_in
from ingest.feeds.loading import contract_paths, load_feed
from ingest.storage.content_identity import is_known, report_day
from ingest.storage.landing import UNKNOWN_FEED, feed_of, is_passing
from orchestration.language import say


class LedgerUnreadable(ShownError, RuntimeError):
    """The ledger is damaged; the message says what to do."""


def require_sound_ledger(home: Home) -> None:
    """Have SQLite look through the whole ledger, so that a run does not begin on a damaged one. 20 ms at scale 0.1.

    Raises:
        LedgerUnreadable: it is no database, or a page of it is damaged.
    """
    if not home.ledger.exists():
        return
    try:
        with closing(sqlite3.connect(f"{home.ledger.as_uri()}?mode=ro", uri=True)) as connection:
            [found] = connection.execute("pragma quick_check(1)").fetchone()
            connection.execute("select count(*) from batch").fetchone()
    except sqlite3.DatabaseError as error:
        raise _unreadable(home, error) from error
    if found != "ok":
        raise _unreadable(home, found)


def _unreadable(home: Home, why: object) -> LedgerUnreadable:
    return LedgerUnreadable(
        say(
            f"台账 {home.ledger} 已损坏（{why}）。请从备份恢复 {home.lake} 整个文件夹；"
            f"没有备份时删除 {home.lake}，再运行 jgt run，从 landing 重新收数。",
            f"the ledger {home.ledger} is damaged ({why}). Restore the whole folder {home.lake} from a backup; "
            f"without one delete {home.lake} and run jgt run, which takes everything in from landing again.",
        )
    )


def new_files(home: Home) -> list[Path]:
    """Files whose content the ledger does not know, in a stable order.

    A file is hashed only when the ledger does not know its name, size and an older time of change: looking costs a
    `stat` a file on a quiet day.

    Args:
        home: state folder; landing and ledger may not exist yet.

    Returns:
        Paths under landing, `<department>/<feed>/<file>`; files at the top of landing are nobody's delivery.
    """
    if not home.landing.exists():
        return []
    taken_in, known_files = _known(home)
    arrived = []
    for path in sorted(home.landing.glob("*/**/*")):
        if not path.is_file() or is_passing(path.relative_to(home.landing).parts):
            continue
        stat = path.stat()
        taken = known_files.get((str(path.relative_to(home.landing)), stat.st_size))
        if taken is not None and stat.st_mtime <= taken:
            continue
        sha256 = sha256_of(path)
        day = report_day(date_in(path.name), stat.st_mtime)
        if not is_known(sha256, taken_in.get(sha256, ()), day):
            arrived.append(path)
    return arrived


def changed_since_published(home: Home) -> bool:
    """Whether the ledger has entries that no published version can know: a redrive, a waiver, a backfill."""
    manifests = sorted(home.serving.glob("*/manifest.json"))
    if not home.ledger.exists() or not manifests:
        return False
    # the latest of all, not the one that is served: an operator who rolled back did so on purpose
    since = max(_utc(json.loads(m.read_text("utf-8"))["published_at"]) for m in manifests)
    with closing(sqlite3.connect(f"{home.ledger.as_uri()}?mode=ro", uri=True)) as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        moments = [connection.execute("select max(taken_at) from batch").fetchone()[0]]
        if "quarantine_event" in names:  # a ledger of before 2026-11 has none until it is opened for writing
            moments.append(connection.execute("select max(at) from quarantine_event").fetchone()[0])
    return any(moment is not None and str(moment) > since for moment in moments)


def _utc(moment: str) -> str:
    told = datetime.fromisoformat(moment)
    return (told.astimezone(UTC) if told.tzinfo else told).replace(tzinfo=None, microsecond=0).isoformat()


def fingerprint(paths: list[Path]) -> str:
    """Names, sizes and times of change in one value: equal on two looks means that no copy is still growing."""
    digest = hashlib.sha256()
    for path in paths:
        stat = path.stat()
        digest.update(f"{path}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _known(home: Home) -> tuple[dict[str, list[dict[str, Any]]], dict[tuple[str, int], float]]:
    """Batches by content, and the moment each (file, size) was taken in last."""
    if not home.ledger.exists():
        return {}, {}
    with closing(sqlite3.connect(f"{home.ledger.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute("select * from batch order by taken_at").fetchall()
    # what no contract fitted is new again once one does
    rows = [row for row in rows if row["feed"] != UNKNOWN_FEED or not _has_contract(row["file"])]
    taken_in: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        taken_in.setdefault(row["sha256"], []).append(dict(row))
    return taken_in, {(row["file"], row["bytes"]): _seconds(row["taken_at"]) for row in rows}


def _has_contract(file: str) -> bool:
    parts = tuple(file.split("/"))
    name = ".".join(parts[:2])
    path = contract_paths().get(name)
    return path is not None and feed_of(parts, {name: load_feed(path)}) is not None


def _seconds(taken_at: str) -> float:
    return datetime.fromisoformat(str(taken_at)).replace(tzinfo=UTC).timestamp()
