"""The cursor that a contract declares for a pull: which column grows, and how far back each pull looks again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

_OVERLAP = re.compile(r"\s*(\d+)\s*(d|h|min|ids)\s*")
_UNITS = {"d": "days", "h": "hours", "min": "minutes"}
Kind = Literal["moment", "number"]


@dataclass(frozen=True)
class Cursor:
    """A column that grows: which one, and how far back each pull looks again, so that late rows are not missed.

    Args:
        column: its name in the source.
        back: overlap in time, for a column of moments.
        ids: overlap in numbers, for a column of whole numbers; None for moments.
    """

    column: str
    back: timedelta = timedelta()
    ids: int | None = None

    @property
    def kind(self) -> Kind:
        """Whether the column holds moments or whole numbers, as the overlap's unit says."""
        return "moment" if self.ids is None else "number"

    def lower(self, reached: str) -> str:
        """Where the next pull begins when the last one reached `reached`.

        Raises:
            ValueError: `reached` is not of the cursor's kind.
        """
        if self.ids is not None:
            return str(int(reached) - self.ids)
        return moment_text(datetime.fromisoformat(reached) - self.back)


def parse_cursor(column: str, overlap: str) -> Cursor:
    """A cursor from the contract's words.

    Args:
        column: its name in the source.
        overlap: `2 d`, `6 h`, `30 min`, or for a column of whole numbers `1000 ids`.

    Raises:
        ValueError: the overlap is none of these.
    """
    found = _OVERLAP.fullmatch(overlap)
    if found is None:
        raise ValueError(f"overlap {overlap!r} 看不懂；写成 2 d、6 h、30 min，整数游标写成 1000 ids")
    count, unit = int(found[1]), found[2]
    return Cursor(column, ids=count) if unit == "ids" else Cursor(column, back=timedelta(**{_UNITS[unit]: count}))


def moment_text(moment: datetime) -> str:
    """A moment as ISO text, with microseconds only where it has some."""
    return moment.isoformat(sep=" ")
