"""What became of the last run: its verdict, or that it is still going, or that it was broken off without one."""

from __future__ import annotations

from typing import Any

from ingest.base import last_run as state
from ingest.base.home import Home
from orchestration.language import say

# lines of a verdict that are shown; the rest is in `jgt status --json`
_SHOWN = 12


def last_run(home: Home) -> dict[str, Any] | None:
    """What is true of the last run now, in the words of `jgt status --json`.

    Returns:
        The verdict with `outcome` `published` or `blocked`; or `running`, `interrupted` with the run's own id, the
        time it began as `at` (UTC) and no checks. None before the first run.
    """
    found = state.last_run(home)
    if found is None or found.verdict:
        return found.verdict if found else None
    reasons = {
        "running": say("正在运行", "running"),
        "interrupted": say(
            f"第 {found.run_id} 轮（{found.at} UTC 开始）中途被终止，没有发布。请再运行 jgt run。",
            f"run {found.run_id} (begun {found.at} UTC) was broken off and published nothing. Run jgt run again.",
        ),
    }
    told = {
        "run_id": found.run_id,
        "outcome": found.outcome,
        "reason": reasons.get(found.outcome, ""),
        "at": found.at,
        "blocking": [],
        "warnings": [],
    }
    return {**told, "version": found.version} if found.version else told


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
