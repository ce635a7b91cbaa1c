"""Unit words of amounts and quantities (万元, 亿, 元 …) and how many stored units each is."""

from __future__ import annotations

from ingest.feeds.model import Column

MAGNITUDES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10_000, "百万": 1_000_000, "亿": 100_000_000}


def unit_words(column: Column) -> dict[str, int]:
    """Every unit word a quantity may carry (万元, 亿, 元 …) → factor to the stored unit; empty if it has no unit."""
    if column.unit is None:
        return {}
    stored = column.unit.stored
    words = {magnitude + stored: factor for magnitude, factor in MAGNITUDES.items()}
    words |= {magnitude: factor for magnitude, factor in MAGNITUDES.items() if magnitude}
    return words | {column.unit.sent: column.unit.factor}
