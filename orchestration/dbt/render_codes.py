"""What dbt must know of codes: their names, which retired code became which, and every column that a list governs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ingest.feeds.loading import load_code_list, subject_map
from ingest.feeds.model import Column, Feed

# a feed that says no list for it still means this one: its retired codes become their successors
_BY_NAME = {"district_code": "district"}


def code_labels(feeds: Iterable[Feed]) -> dict[str, dict[str, dict[str, str]]]:
    """Feed or subject → column → stored code → Chinese name.

    Args:
        feeds: in display order: the first department names a code; later ones only add codes of their own.
    """
    labels: dict[str, dict[str, dict[str, str]]] = {}

    def add(holder: str, name: str, column: Column) -> None:
        for label, code in column.codes:
            labels.setdefault(holder, {}).setdefault(name, {}).setdefault(code, label)

    for feed in feeds:
        for column in feed.columns:
            add(feed.id, column.name, column)
        for subject_column, name in subject_map(feed).items():
            add(str(feed.subject), subject_column, feed.column(name))
    return labels


def current_code(column: Column) -> str:
    """SQL of a column's code today: a retired code (白下区) is its successor (秦淮区), whenever the row came in."""
    name = column.code_list or _BY_NAME.get(column.name) or _BY_NAME.get(column.maps_to or "")
    successors = _successors(name) if name else {}
    if not successors:
        return column.name
    branches = " ".join(f"when '{old}' then '{new}'" for old, new in successors.items())
    return f"case {column.name} {branches} else {column.name} end"


def _successors(name: str) -> Mapping[str, str]:
    """Retired code → the code that is in force, over as many mergers as there were."""
    follows = {row["code"]: row.get("successor_code") or "" for row in load_code_list(name)}
    found = {}
    for code, successor in follows.items():
        while successor and follows.get(successor):
            successor = follows[successor]
        if successor:
            found[code] = successor
    return found


def coded_columns(feeds: Iterable[Feed]) -> dict[str, list[dict[str, Any]]]:
    """Feed → its columns that hold codes, each with the codes that are known; retired ones are known too."""
    found: dict[str, list[dict[str, Any]]] = {}
    for feed in feeds:
        for column in feed.columns:
            codes = [code for _, code in column.codes]
            if not codes and column.code_list:
                codes = [row["code"] for row in load_code_list(column.code_list)]
            if codes:
                known = {"name": column.name, "label": column.label, "codes": list(dict.fromkeys(codes))}
                found.setdefault(feed.id, []).append(known)
    return found
