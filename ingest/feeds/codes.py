"""Every spelling of a code that is accepted: the code, its names, retired codes with their successors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ingest.feeds.loading import load_code_list


@cache
def code_spellings(name: str) -> Mapping[str, tuple[str, bool]]:
    """Every spelling of a code list → (current code, whether the spelling is of a retired code).

    A name that several codes bear (一样的街道名) is no spelling: it would be a guess.
    """
    rows = load_code_list(name)
    by_code = {row["code"]: row for row in rows}
    city = next((r["name"] for r in rows if r.get("level") == "city"), "")
    spellings: dict[str, tuple[str, bool]] = {}
    claimed: dict[str, set[str]] = {}
    for row in rows:
        current = row
        while current.get("successor_code"):
            current = by_code[current["successor_code"]]
        target = (current["code"], current is not row)
        spellings[row["code"]] = target
        for spelling in {row["name"], row.get("short_name") or "", city + row["name"] if city else ""} - {""}:
            claimed.setdefault(spelling, set()).add(target[0])
            spellings.setdefault(spelling, target)
    for spelling, codes in claimed.items():
        if len(codes) > 1 and spelling not in by_code:
            del spellings[spelling]
    return spellings
