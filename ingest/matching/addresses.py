"""An address in its parts: district, street, road, number, and what stands in the building."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ingest.feeds.loading import load_code_list
from ingest.matching.characters import fold

_ROAD = re.compile(
    "^(?P<road>.{1,12}?(?:大道|公路|路|大街|街|巷|弄|里|道|线))(?P<number>[0-9]+)(?:号|弄)?(?P<rest>.*)$"
)
_VILLAGE = re.compile(
    "^(?P<road>.{1,12}?(?:村|组|新村|小区|花园|广场|园区|工业园|产业园|市场|大厦))(?P<number>[0-9]*)号?(?P<rest>.*)$"
)
_NUMBERS = re.compile("[0-9]+")
# 12-3 is number 12, room 3, and not number 123
_DASH = re.compile("(?<=[0-9０-９])\\s*[-‐-―－~～#＃]\\s*(?=[0-9０-９])")
_TAIL = 8


class Address(NamedTuple):
    """An address in its parts, folded. `district_code` is what its text says, empty when it says nothing."""

    full: str
    district_code: str
    street: str
    road: str
    number: str
    rest: str

    @property
    def tail(self) -> str:
        """What blocks addresses: road and number, or the last characters where there is no road."""
        return self.road + self.number if self.road and self.number else self.full[-_TAIL:]


@cache
def _heads() -> tuple[re.Pattern[str], dict[str, str]]:
    codes: dict[str, str] = {}
    city = ""
    for row in load_code_list("district"):
        if row["level"] == "city":
            city = fold(row["name"])
        elif row["level"] in ("district", "retired"):
            codes[fold(row["name"])] = row["successor_code"] or row["code"]
    districts = "|".join(sorted(map(re.escape, codes), key=len, reverse=True))
    streets = "|".join(
        sorted({re.escape(fold(r["name"])) for r in load_code_list("street")}, key=lambda s: (-len(s), s))
    )
    pattern = (
        f"^(?:中国)?(?:江苏省?)?(?:{city}|{city.removesuffix('市')})?(?P<district>{districts})?(?P<street>{streets})?"
    )
    return re.compile(pattern), codes


def parse_address(text: str | None) -> Address:
    """Take an address apart; what cannot be told stays in `rest`."""
    folded = fold(_DASH.sub("号", text)) if text else ""
    pattern, codes = _heads()
    found = pattern.match(folded)
    district, street, rest = "", "", folded
    if found:
        said, street = found.group("district", "street")
        district, street = codes.get(said or "", ""), street or ""
        rest = folded[found.end() :]
    full = rest or folded
    split = _ROAD.match(rest) or _VILLAGE.match(rest)
    if not split:
        return Address(full, district, street, "", "", rest)
    road, number, within = split.group("road", "number", "rest")
    return Address(full, district, street, road, number.lstrip("0"), within)


def rooms(rest: str) -> str:
    """The numbers of building, floor and room: 3幢502室 and 3栋502 are one room."""
    return "-".join(number.lstrip("0") for number in _NUMBERS.findall(rest))
