"""English names for Chinese headers, as the contracts already use them: known labels first, then the field's terms.

Pinyin names nobody reads; a name that cannot be composed of known terms is `column_N`, for a person to replace.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import opencc

from ingest.feeds.headers import normal_form
from ingest.feeds.loading import CONTRACTS, load_subjects
from ingest.feeds.model import Feed

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PLACEHOLDER = re.compile(r"column_[0-9]+")
_DATE_WORDS = ("日期时间", "时间戳", "日期", "时间", "年月日", "时刻", "日")
_MONEY_WORDS = ("金额", "总额", "费用", "价格", "款额")
_SILENT = re.compile(r"[的及和与或之于数等0-9]")


@dataclass(frozen=True)
class Term:
    """A term of the field: its name, and the participle it takes before `_on` and `_at` (检查日期 → inspected_on)."""

    name: str
    event: str


@cache
def terms() -> Mapping[str, Term]:
    """The terms of `contracts/terms.csv`."""
    with (CONTRACTS / "terms.csv").open(encoding="utf-8", newline="") as file:
        return {row["term"]: Term(row["name"], row["event"] or row["name"]) for row in csv.DictReader(file)}


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Text in simplified characters (編號 → 编号)."""
    return str(_converter().convert(text))


def known_names(feeds: Iterable[Feed]) -> dict[str, str]:
    """Label or synonym in normal form → the name most contracts give it; labels of the subjects count too."""
    found: dict[str, Counter[str]] = {}
    for feed in feeds:
        for column in feed.columns:
            for header in (column.label, *column.synonyms):
                found.setdefault(simplified(normal_form(header)), Counter())[column.name] += 1
    for spec in load_subjects().values():
        for column in spec["columns"]:
            found.setdefault(normal_form(column["label"]), Counter())[column["name"]] += 1
    return {form: names.most_common(1)[0][0] for form, names in found.items() if form}


def name_of(header: str, kind: str, known: Mapping[str, str], is_money: bool = False) -> str | None:
    """The name of a column.

    Args:
        header: as sent.
        kind: logical type found.
        known: of `known_names`.
        is_money: whether its values are stored in 元.

    Returns:
        A snake_case name, None where no term tells one.
    """
    form = simplified(normal_form(header))
    if form in known and _fits(known[form], kind, is_money):
        return known[form]
    if header.isascii():
        return _snake(header)
    if kind in ("date", "timestamp"):
        stem = next((form.removesuffix(word) for word in _DATE_WORDS if form.endswith(word)), form)
        base = _compose(stem, as_event=True) if stem else "recorded"
        if base is None or re.search(r"_(on|at|until)$", base):
            return base
        return f"{base}_{'on' if kind == 'date' else 'at'}"
    if form.startswith("是否") or kind == "boolean":
        base = _compose(form.removeprefix("是否").removesuffix("标志"), as_event=True)
        return f"is_{base}" if base else None
    if is_money:
        stem = next((form.removesuffix(word) for word in _MONEY_WORDS if form.endswith(word)), form)
        base = _compose(stem) if stem else "amount"
        return f"{base}_yuan" if base else None
    return _compose(form)


def distinct_names(names: Iterable[str | None]) -> list[str]:
    """The names in order, none twice: a repeated one is numbered, a missing one is `column_N` by its place from 1."""
    given: list[str] = []
    for place, name in enumerate(names, start=1):
        wanted = base = name or f"column_{place}"
        number = 2
        while wanted in given:
            wanted, number = f"{base}_{number}", number + 1
        given.append(wanted)
    return given


def _fits(name: str, kind: str, is_money: bool) -> bool:
    """A known name whose ending says another type (a day, a moment, money, yes or no) is not this column's."""
    if name.endswith("_on"):
        return kind == "date"
    if name.endswith("_at"):
        return kind in ("date", "timestamp")
    if name.endswith("_yuan"):
        return is_money
    return not name.startswith("is_") or kind == "boolean"


def _snake(header: str) -> str | None:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", header)
    name = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    name = f"c_{name}" if name[:1].isdigit() else name
    return name if NAME.fullmatch(name) else None


def _compose(form: str, as_event: bool = False) -> str | None:
    """The names of the terms a header is made of; None as soon as a part of it is no term."""
    words: list[str] = []
    rest = form
    known = terms()
    while rest:
        size = next((n for n in range(min(len(rest), 9), 0, -1) if rest[:n] in known), 0)
        if size:
            term = known[rest[:size]]
            is_last = size == len(rest)
            word = term.event if as_event and is_last else term.name
            if word and (not words or words[-1] != word):
                words.append(word)
        elif _SILENT.match(rest):
            size = 1
        elif found := re.match(r"[a-z0-9]+", rest):
            size = found.end()
            words.append(found.group())
        else:
            return None
        rest = rest[size:]
    name = "_".join(words)
    return name if NAME.fullmatch(name) else None
