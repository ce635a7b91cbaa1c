"""What became of the last run, for the command line and for the pages alike: read from the state folder, nothing imported.

A verdict is written at a run's end, so a process that was killed leaves the verdict of the run before. Its mark in the
writer's lock says otherwise.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ingest.base.home import Home

Outcome = Literal["published", "blocked", "running", "interrupted"]


@dataclass(frozen=True)
class LastRun:
    """The last run: how it ended, or that it has not.

    Args:
        run_id: its id.
        outcome: `published`, `blocked` by a check or an error, `running`, or `interrupted`: ended without a verdict.
        at: its end, or while it has none its beginning; UTC, ISO 8601.
        verdict: what it wrote at its end; empty while there is none.
        version: what is served of it, for a run that was killed between the switch and its verdict.
    """

    run_id: str
    outcome: Outcome
    at: str
    verdict: dict[str, Any] = field(default_factory=dict)
    version: str | None = None


def lock_file(home: Home) -> Path:
    """The file that the only writer holds locked, and that bears its mark."""
    return home.root / "writer.lock"


def writers_mark(home: Home) -> dict[str, str] | None:
    """pid, run_id and began (UTC) of the run that has not ended; None when the last one ended by itself."""
    path = lock_file(home)
    if not path.exists():
        return None
    try:
        mark = json.loads(path.read_text("utf-8"))
    except ValueError:  # empty: ended; cut short: the disk was full when the run began, and it says so itself
        return None
    return mark if isinstance(mark, dict) and {"pid", "run_id", "began"} <= set(mark) else None


def is_writing(home: Home) -> bool:
    """Whether a run is writing now, in this process or another."""
    path = lock_file(home)
    if not path.exists():
        return False
    with path.open("r", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def verdict_file(home: Home) -> Path:
    """Where a run writes, at its end, whether its version is served and why not."""
    return home.serving / "verdict.json"


def verdict_of(home: Home) -> dict[str, Any] | None:
    """The verdict that the last finished run left, as written; None before the first, and when it is damaged."""
    file = verdict_file(home)
    if not file.exists():
        return None
    try:
        verdict = json.loads(file.read_text("utf-8"))
    except ValueError:
        return None
    return verdict if isinstance(verdict, dict) and {"run_id", "outcome", "at"} <= set(verdict) else None


def last_run(home: Home) -> LastRun | None:
    """What is true of the last run now; None before the first."""
    verdict, mark = verdict_of(home), writers_mark(home)
    if mark is None and verdict is None and verdict_file(home).exists():  # damaged: nothing is known but when
        at = datetime.fromtimestamp(verdict_file(home).stat().st_mtime, UTC)
        return LastRun("?", "interrupted", at.isoformat(timespec="seconds"))
    if mark is None or (verdict is not None and verdict["run_id"] == mark["run_id"]):
        return LastRun(verdict["run_id"], verdict["outcome"], verdict["at"], verdict) if verdict else None
    if is_writing(home):
        return LastRun(mark["run_id"], "running", mark["began"])
    if _served_run(home) == mark["run_id"]:  # killed after the switch, before the verdict
        version = (home.serving / "current").readlink().name
        return LastRun(mark["run_id"], "published", mark["began"], version=version)
    return LastRun(mark["run_id"], "interrupted", mark["began"])


def _served_run(home: Home) -> str | None:
    manifest = home.serving / "current" / "manifest.json"
    return json.loads(manifest.read_text("utf-8")).get("run_id") if manifest.exists() else None
