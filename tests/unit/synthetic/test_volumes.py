"""The demo city's size is declared once and is the size that was ordered."""

from __future__ import annotations

from ingest.feeds.loading import load_feeds
from ingest.synthetic.departments import FAULTS, HABITS
from ingest.synthetic.volumes import FAULT_RATES, ROWS, ROWS_OF_GROWING_FEEDS, rows_at


def test_all_feeds_together_are_21_6_million_rows() -> None:
    total = sum(ROWS.values()) + ROWS_OF_GROWING_FEEDS
    assert abs(total / 21_600_000 - 1) < 0.01


def test_rows_grow_with_the_scale_and_a_tiny_city_has_some_of_everything() -> None:
    assert rows_at(1.0) == dict(ROWS)
    assert rows_at(0.01)["yjgl.self_check"] == 60_000
    assert min(rows_at(0.0001).values()) >= 20


def test_every_feed_has_a_habit_and_no_habit_or_fault_is_left_over() -> None:
    feeds = load_feeds()
    assert set(HABITS) == set(feeds)
    assert set(FAULTS) <= set(feeds)
    for feed_id, faults in FAULTS.items():
        names = {c.name for c in feeds[feed_id].columns}
        assert {f.column for f in faults if f.column} <= names, feed_id


def test_every_fault_says_how_often_it_comes() -> None:
    kinds = {f.kind for faults in FAULTS.values() for f in faults if f.column and f.rows is None}
    assert kinds <= set(FAULT_RATES)
