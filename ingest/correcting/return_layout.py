"""How a returned workbook is laid out: widths and heights by what is in it, pages that can still be read (pure)."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from ingest.feeds.model import Column

NARROWEST, WIDEST = 8, 30
LINE_POINTS = 15
_TALLEST = 409 // LINE_POINTS  # a row is at most 409 points high
# characters of 11 points across A4 on its side at two thirds of their size: smaller is no longer read
PAGE_WIDTH = 220
_LONGEST_LIST = 255  # characters of a list of choices that Excel takes


def shown_width(text: str) -> int:
    """How many columns of a half-width character a text takes, in its longest line."""
    return max(
        (sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.splitlines()),
        default=0,
    )


def column_width(texts: Iterable[str]) -> int:
    """A column's width for what stands in it, within reason."""
    return min(WIDEST, max(NARROWEST, *(shown_width(text) + 2 for text in texts), NARROWEST))


def row_height(cells: Iterable[tuple[str, int]]) -> int:
    """The height, in points, that a row of wrapped cells needs.

    Spreadsheet programs work it out only when a cell is edited; LibreOffice shows one line till then (2026-11).

    Args:
        cells: text and width of each.
    """
    lines = max((sum(max(1, math.ceil(shown_width(p) / (w - 1))) for p in t.split("\n")) for t, w in cells), default=1)
    return LINE_POINTS * min(lines, _TALLEST)


def pages_wide(repeated: int, widths: Sequence[int]) -> int:
    """How many pages side by side a sheet is printed on.

    Args:
        repeated: width of the columns that stand on every page.
        widths: of all other columns.
    """
    return max(1, math.ceil(sum(widths) / (PAGE_WIDTH - repeated)))


def choices(column: Column) -> list[str]:
    """What may be chosen in a cell of this column; empty where that is no short list."""
    if column.logical_type == "boolean":
        return ["是", "否"]
    listed = list(dict.fromkeys(label for label, _ in column.codes))
    # a comma would part one choice into two
    return listed if len(",".join(listed)) <= _LONGEST_LIST and not any("," in label for label in listed) else []
