"""Did every server hand over what it should? From the ledger's table of pulls; a failed pull warns and blocks nothing."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.base.home import Home
from ingest.feeds.model import Feed
from ingest.storage.pull_history import latest_pulls
from quality.outcome import TIMELINESS, CheckResult, check_result


def judge_pulls(home: Home, feeds: Mapping[str, Feed], run_id: str) -> list[CheckResult]:
    """One result a feed and server that was ever asked: whether its last pull brought its rows.

    Args:
        home: state folder.
        feeds: contracts by id; servers that a contract no longer names are left out.
        run_id: written into every result.
    """
    named = {(feed.id, server.name) for feed in feeds.values() for server in feed.pulls}
    if not named:
        return []
    return [
        _result(feeds[row["feed"]], row["server"], row["outcome"] == "failed", row["rows"], row["message"], run_id)
        for row in latest_pulls(home.ledger)
        if (row["feed"], row["server"]) in named
    ]


def _result(
    feed: Feed, server: str, has_failed: bool, rows: int | None, message: str | None, run_id: str
) -> CheckResult:
    label = f"{feed.label}：从 {server} 拉取"
    return check_result(
        f"raw.{feed.id}.pull.{server}",
        layer="raw",
        subject=feed.id,
        column=None,
        expectation="最近一次拉取成功",
        label_zh=label,
        dimension=TIMELINESS,
        outcome="fail" if has_failed else "pass",
        severity="warn",
        observed="最近一次拉取没有成功" if has_failed else f"最近一次拉取 {rows or 0} 行",
        unexpected_count=int(has_failed),
        element_count=1,
        message=f"{label}（{feed.id}）失败：{message}" if has_failed else "",
        owner=feed.owner,
        run_id=run_id,
    )
