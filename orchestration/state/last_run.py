"""What became of the last run: its verdict, or that it is still going, or that it was broken off without one."""

from __future__ import annotations

import json
from typing import Any

from ingest.base.home import Home
from orchestration.language import say
from orchestration.state.writer_lock import WriterLock

# lines of a verdict that are shown; the rest is in `jgt status --json`
_SHOWN = 12


def verdict_of(home: Home) -> dict[str, Any] | None:
    """The verdict that the last finished run left, as written; None before the first."""
    file = home.serving / "verdict.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def last_run(home: Home) -> dict[str, Any] | None:
    """What is true of the last run now.

    A verdict is written at a run's end, so a process that was killed leaves the verdict of the run before. Its mark
    in the writer's lock says otherwise.

    Returns:
        The verdict with `outcome` `published` or `blocked`; or `running`, `interrupted` with the run's own id, the
        time it began as `at` (UTC) and no checks. None before the first run.
    """
    told = verdict_of(home)
    lock = WriterLock(home)
    mark = lock.mark()
    if mark is None or (told is not None and told["run_id"] == mark["run_id"]):
        return told
    if lock.is_held():
        return _unfinished(mark, "running", say("正在运行", "running"))
    if _served_run(home) == mark["run_id"]:  # killed after the switch, before the verdict
        return {**_unfinished(mark, "published", ""), "version": (home.serving / "current").readlink().name}
    why = say(
        f"第 {mark['run_id']} 轮（{mark['began']} UTC 开始）中途被终止，没有发布。请再运行 jgt run。",
        f"run {mark['run_id']} (begun {mark['began']} UTC) was broken off and published nothing. Run jgt run again.",
    )
    return _unfinished(mark, "interrupted", why)


def _unfinished(mark: dict[str, str], outcome: str, reason: str) -> dict[str, Any]:
    return {
        "run_id": mark["run_id"],
        "outcome": outcome,
        "reason": reason,
        "at": mark["began"],
        "blocking": [],
        "warnings": [],
    }


def _served_run(home: Home) -> str | None:
    manifest = home.serving / "current" / "manifest.json"
    return json.loads(manifest.read_text("utf-8")).get("run_id") if manifest.exists() else None


def blocking_lines(home: Home) -> list[str]:
    """What kept the last run from publishing, causes before their consequences, a line each."""
    verdict = last_run(home) or {}
    blocking = sorted(verdict.get("blocking", []), key=_cause_first)
    lines = [str(c.get("message") or c.get("check_id")) for c in blocking]
    if not lines and verdict.get("reason"):
        lines = [line.strip() for line in str(verdict["reason"]).splitlines() if line.strip()]
    if len(lines) > _SHOWN:
        more = len(lines) - _SHOWN
        lines = [
            *lines[:_SHOWN],
            say(f"……另有 {more} 项，见 jgt status --json", f"… and {more} more, see jgt status --json"),
        ]
    return lines


def _cause_first(check: dict[str, Any]) -> tuple[int, bool]:
    """A damaged lake file comes before what is built on it; what failed before what could not run for it."""
    layer = "lake" if ".lake." in str(check["check_id"]) else check["layer"]
    return ("lake", "raw", "dbt", "mart", "reconciliation").index(layer), check["outcome"] == "error"


def refused_file_lines(home: Home) -> list[str]:
    """Files refused whole, a line each."""
    from ingest.storage.ledger import Ledger

    if not home.ledger.exists():
        return []
    with Ledger(home.ledger) as ledger:
        return [f"{row['file']}：{row['reason_message']}" for row in ledger.refused_files()]
