"""Which column of a file is which column of the contract: by label, synonym or name, in a normal form.

A header may stand in several rows (罚款金额 over 日常 and 专项): then it goes by its own words or joined with those above.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from opencc import OpenCC

from ingest.feeds.model import Column, Feed
from ingest.feeds.units import unit_words

HEADER_SEARCH_ROWS = 20
HEADER_ROWS = 3  # rows that a header of several rows takes at most
_BRACKETED = re.compile(r"[(\[【〔<《「].*?[)\]】〕>》」]")
_INSIDE = re.compile(r"[(\[【〔<《「](.*?)[)\]】〕>》」]")
_SILENT = re.compile(r"[\s_\-—–~·•:：;；,，!！?？*＊#\"'“”‘’`.。、/\\|\u200b\ufeff]+")
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
    """A header without what departments vary: width, case, script, spaces, marks, and what stands in brackets（元）."""
    folded = _folded(header)
    bare = _BRACKETED.sub("", folded)
    return _SILENT.sub("", bare) or _SILENT.sub("", folded)


@lru_cache(maxsize=1 << 14)
def inner_form(header: str) -> str:
    """The normal form of what a header says in brackets, as in 行政相对人代码_2 (组织机构代码); empty if that is a unit."""
    found = _INSIDE.search(_folded(header))
    inside = _SILENT.sub("", found.group(1)) if found else ""
    return inside if len(inside) >= 3 else ""


def _folded(header: str) -> str:
    folded = unicodedata.normalize("NFKC", header).strip().lstrip("\ufeff").casefold()
    try:
        folded.encode("gb2312")
    except UnicodeEncodeError:
        # some character is beyond the simplified standard, so that it may be a traditional one
        return _simplifier().convert(folded)
    return folded


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


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
    inner = [inner_form(h) if h else "" for h in headers]
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
    for column in feed.columns:
        # what stands in brackets counts only where nothing else fits
        if column.name not in positions:
            wanted = [normal_form(h) for h in column.headers]
            position = next((i for i, f in enumerate(inner) if f and f in wanted and i not in taken), None)
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


@dataclass(frozen=True)
class Header:
    """Where a table's header stands and what it says.

    Args:
        top: its first row, from 0.
        bottom: its last row; records begin below.
        names: a name a column, of several rows joined where they only fit so.
        match: how they map to the contract.
    """

    top: int
    bottom: int
    names: tuple[str, ...]
    match: HeaderMatch


def find_layered(feed: Feed, rows: Sequence[Sequence[str]]) -> Header | None:
    """The header among a file's first rows, in one row or in up to HEADER_ROWS of them.

    Rows below the first are taken in only where that makes more of the contract's columns known.

    Args:
        feed: the contract.
        rows: the file's first rows, as text.

    Returns:
        The header, or None when no row holds enough of the contract's headers.
    """
    plain = find_header(feed, rows)
    best: Header | None = None
    if plain is not None:
        index, found = plain
        if not found.missing and not found.absent:
            return Header(index, index, tuple(str(cell) for cell in rows[index]), found)
        best = Header(index, index, tuple(str(cell) for cell in rows[index]), found)
    for bottom in range(1, min(len(rows), HEADER_SEARCH_ROWS)):
        for top in range(bottom - 1, max(bottom - HEADER_ROWS, -1), -1):
            layered = _layered(feed, rows, top, bottom)
            enough = best is None or len(layered.match.positions) > len(best.match.positions)
            if enough and len(layered.match.positions) >= min(2, len(feed.columns)):
                best = layered
    return best


def _layered(feed: Feed, rows: Sequence[Sequence[str]], top: int, bottom: int) -> Header:
    """The rows from `top` to `bottom` read as one header: joined names first, then each column's lowest own words."""
    layers = [_spread([str(cell).strip() for cell in row]) for row in rows[top:bottom]]
    leaves = [str(cell).strip() for cell in rows[bottom]]
    width = max(len(leaves), *(len(row) for row in layers))
    joined, lowest = [], []
    for place in range(width):
        leaf = leaves[place] if place < len(leaves) else ""
        above = [row[place][0] for row in layers if place < len(row) and (leaf or row[place][1])]
        words = [word for word in dict.fromkeys([*above, leaf]) if word]
        joined.append("/".join(words))
        lowest.append(words[-1] if words else "")
    first = match(feed, joined)
    open_columns = {name for name, _ in first.missing} | set(first.absent)
    taken = set(first.positions.values())
    rest = match(feed, ["" if place in taken else word for place, word in enumerate(lowest)])
    names = list(joined)
    for column, place in rest.positions.items():
        if column in open_columns:
            names[place] = lowest[place]
    return Header(top, bottom, tuple(names), match(feed, names))


def _spread(cells: list[str]) -> list[tuple[str, bool]]:
    """Cells of an upper row, each with whether it stands there itself: a merged one goes on over the blanks to its right."""
    spread: list[tuple[str, bool]] = []
    last = ""
    for cell in cells:
        last = cell or last
        spread.append((last, bool(cell)))
    return spread
