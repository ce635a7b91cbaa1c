"""Contracts that refuse what is on no list in a column that, as shipped, keeps it: for tests of refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingest.feeds.model import Feed


def refusing(feeds: Mapping[str, Feed], feed_id: str, column: str) -> dict[str, Feed]:
    """The contracts, one column of one of them refusing unknown codes."""
    feed = feeds[feed_id]
    assert feed.column(column).keeps_unknown, "refuses them already"
    columns = tuple(replace(c, keeps_unknown=False) if c.name == column else c for c in feed.columns)
    return {**feeds, feed_id: replace(feed, columns=columns)}
