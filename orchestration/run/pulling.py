"""A feed's pull inside a run: when it is due, before its files are taken in. What a server does never fails the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingest.base.home import Home
from ingest.feeds.model import Feed
from orchestration.language import say

Retry = Callable[[], None]


def pull_when_due(home: Home, feed: Feed, take_in: Callable[[], Any], retry: Retry | None = None) -> list[str]:
    """Pull a feed that has servers, if its period has passed since the last good pull.

    Args:
        home: state folder.
        feed: its contract.
        take_in: takes in what lies in the feed's landing: a pull that a broken-off run left there comes first.
        retry: called when a failure may pass by itself (no answer, broken off); None when it was tried often enough.

    Returns:
        One line a pull that was made.
    """
    if not feed.pulls:
        return []
    from ingest.pulls.pull import describe, has_waiting, is_due, pull

    if has_waiting(home, feed):
        take_in()
    if not is_due(home, feed):
        return []
    results = pull(home, feed)
    if retry is not None and any(r.may_pass for r in results):
        retry()
    return [describe(feed, result) for result in results]


def pulls_due(home: Home, feeds: Mapping[str, Feed]) -> bool:
    """Whether any feed's pull is due; costs nothing where no contract has one."""
    pulled = {name: feed for name, feed in feeds.items() if feed.pulls}
    if not pulled:
        return False
    from ingest.pulls.pull import is_any_due

    return is_any_due(home, pulled)


def failed_pull_lines(home: Home) -> list[str]:
    """Pulls whose last try brought nothing, a line each: which feed, from where, why, what to do."""
    from ingest.feeds.loading import load_feeds
    from ingest.storage.pull_history import latest_pulls

    labels = {feed.id: feed.label for feed in load_feeds().values()}
    return [
        say(
            f"{labels.get(row['feed'], row['feed'])}（{row['feed']}）从 {row['server']} 拉取失败：{row['message']}",
            f"{row['feed']} could not be pulled from {row['server']}: {row['message']}",
        )
        for row in latest_pulls(home.ledger)
        if row["outcome"] == "failed"
    ]
