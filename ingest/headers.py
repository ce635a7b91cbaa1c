"""Which column of a file is which column of the contract: by label, synonym or name, in a normal form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.casting import unit_words
from ingest.contract import Column, Feed

HEADER_SEARCH_ROWS = 20
_BRACKETED = re.compile(r"[(\[【〔].*?[)\]】〕]")
_SILENT = re.compile(r"[\s_\-—:：*＊\"'“”.。、/\\]+")
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,:/%\- ]*")
_UNIT = re.compile(r"[(\[【](?:单位[::]?)?([^()\[\]【】]{1,4})[)\]】]")


@dataclass(frozen=True)
class HeaderMatch:
    """How a file's headers map to the contract.

    Args:
        positions: contract column name → position in the file, from 0.
        missing: required columns without a header, as (name, label).
        absent: optional columns that the file does not carry.
        extra: positions of headers that the contract does not know.
        units: contract column name → unit that the header names in brackets.
    """

    positions: dict[str, int]
    missing: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    extra: tuple[int, ...]
    units: dict[str, str]


@lru_cache(maxsize=1 << 14)
def normal_form(header: str) -> str:
    """A header without what departments vary: width, case, spaces, marks, and units in brackets（元）."""
    folded = unicodedata.normalize("NFKC", header).strip().lstrip("\ufeff").casefold()
    bare = _BRACKETED.sub("", folded)
    return _SILENT.sub("", bare) or _SILENT.sub("", folded)


def unit_of(header: str) -> str | None:
    """The unit that a header names in brackets, as in 罚款金额（万元）; None if it names none."""
    found = _UNIT.search(unicodedata.normalize("NFKC", header))
    return found.group(1).strip() if found else None


def match(feed: Feed, headers: Sequence[str]) -> HeaderMatch:
    """Map a file's headers to the contract's columns.

    The first of two equal headers wins; the other is extra. So is a header that names a currency or measure which the
    contract does not know (万美元 where 万元 are due): its numbers would be taken for something else.
    """
    forms = [normal_form(h) if h else "" for h in headers]
    positions: dict[str, int] = {}
    taken: set[int] = set()
    # a column without a header is known by its place, as quarantine calls it
    exact = {h.strip() or f"第{i + 1}列": i for i, h in reversed(list(enumerate(headers)))}
    for column in feed.columns:
        candidates = [exact[h] for h in column.headers if h in exact]
        wanted = [normal_form(h) for h in column.headers]
        candidates += [forms.index(w) for w in wanted if w and w in forms]
        position = next((p for p in candidates if p not in taken and not _is_foreign(column, headers[p])), None)
        if position is not None:
            positions[column.name] = position
            taken.add(position)
    lost = [c for c in feed.columns if c.name not in positions]
    return HeaderMatch(
        positions=positions,
        missing=tuple((c.name, c.label) for c in lost if c.required),
        absent=tuple(c.name for c in lost if not c.required),
        extra=tuple(i for i, h in enumerate(headers) if i not in taken and h.strip()),
        units={n: u for n, p in positions.items() if (u := unit_of(headers[p]))},
    )


def _is_foreign(column: Column, header: str) -> bool:
    named = unit_of(header) if column.unit else None
    return bool(named and column.unit and named.endswith(column.unit.stored) and named not in unit_words(column))


def find_header(feed: Feed, rows: Sequence[Sequence[str]]) -> tuple[int, HeaderMatch] | None:
    """The row among the first ones that fits the contract's headers best.

    Args:
        feed: the contract.
        rows: the file's first rows, at most HEADER_SEARCH_ROWS are looked at.

    Returns:
        (index of the row, its match), or None when no row holds at least two headers (or all, for a narrower contract).
    """
    if not feed.columns:  # a feed that nobody has described yet
        likely = likely_header(rows)
        return None if likely is None else (likely, match(feed, [str(cell) for cell in rows[likely]]))
    enough = min(2, len(feed.columns))
    best: tuple[int, HeaderMatch] | None = None
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        found = match(feed, [str(cell) for cell in row])
        if len(found.positions) >= enough and (best is None or len(found.positions) > len(best[1].positions)):
            best = (index, found)
    return best


def likely_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Which of the first rows looks like a header, without any contract: nearly as wide as the widest, all words.

    Returns:
        The index of the row; None where no row holds two cells.
    """
    filled = [[str(c).strip() for c in row if str(c).strip()] for row in rows[:HEADER_SEARCH_ROWS]]
    widest = max(map(len, filled), default=0)
    if widest < 2:
        return None
    for index, cells in enumerate(filled):
        are_words = not any(_NUMBER.fullmatch(c) for c in cells)
        if len(cells) >= max(2, 0.6 * widest) and are_words and len(set(cells)) == len(cells):
            return index
    return next(index for index, cells in enumerate(filled) if len(cells) == widest)
