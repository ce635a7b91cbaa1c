"""Is each feed as fresh as its contract promises? Judged from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from ingest.base.clock import in_city
from ingest.feeds.model import Feed
from ingest.storage.ledger import Ledger


def freshness(feeds: Mapping[str, Feed], ledger: Ledger, now: datetime) -> list[dict[str, Any]]:
    """State of every feed at a moment.

    Args:
        feeds: every contract.
        ledger: open ledger.
        now: the moment; a naive one is taken as the city's own time.

    Returns:
        One entry a feed: feed, label, last_batch (date the last loaded file's data reach to, or None), due_by (city
        time, when the next file is late; None if there never was one), state (`fresh`, `late` or `never`).
    """
    moment = in_city(now)
    last: dict[str, date] = {}
    for batch in ledger.batches():
        # rows that come in later through the quarantine are no delivery; a file refused at first and taken in then is one
        if batch["status"] == "loaded" and (batch["kind"] != "redrive" or batch["data_until"]):
            until = batch["data_until"] or batch["received_on"]
            last[batch["feed"]] = max(until, last.get(batch["feed"], until))
    states = []
    for feed in feeds.values():
        reached = last.get(feed.id)
        due_by = None
        if reached is not None:
            # data of day D are sent from the end of D on; the next ones one period later, within the latency
            due_by = datetime.combine(reached, time()) + timedelta(days=feed.frequency_days, hours=feed.latency_hours)
        state = "never" if due_by is None else "late" if moment > due_by else "fresh"
        states.append({"feed": feed.id, "label": feed.label, "last_batch": reached, "due_by": due_by, "state": state})
    return states
