"""How far a feed has been pulled: the cursor's overlap, the window of the next pull, and the highest value seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.base.sql import literal
from ingest.feeds.cursors import Cursor, moment_text

if TYPE_CHECKING:
    import pyarrow as pa

_MOMENT = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])( [0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?)?$"


@dataclass(frozen=True)
class Window:
    """Which rows are pulled: lower ≤ cursor < upper, and always those without a cursor. None is no bound."""

    lower: str | None = None
    upper: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether there is no bound at all."""
        return self.lower is None and self.upper is None


class HighestSeen:
    """The highest cursor among the rows that went by, and whether values of the wrong kind were among them."""

    def __init__(self, cursor: Cursor, now: datetime) -> None:
        """Args: cursor: the contract's; now: the city's time when the pull began."""
        self._cursor = cursor
        self._now = moment_text(now.replace(microsecond=0))
        self._highest: str | None = None

    def look(self, values: pa.Array) -> None:
        """Take note of a batch's cursor values, as text. What is no moment (0000-00-00, infinity) does not count.

        Raises:
            ValueError: a value of a cursor of numbers is no whole number.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        is_number = self._cursor.kind == "number"
        values = pc.cast(values, pa.int64()) if is_number else values.filter(pc.match_substring_regex(values, _MOMENT))
        highest = pc.max(values).as_py()
        if highest is None:
            return
        if self._cursor.kind == "number":
            self._highest = str(max(highest, int(self._highest or highest)))
        else:
            self._highest = max(highest, self._highest or highest)

    def reached(self, before: str | None) -> str | None:
        """Where the next pull counts from.

        A moment in the future (a clock that is wrong, 2099-12-31) does not count beyond now: all that comes until then
        would be missed. Such rows are pulled each time and found to be known.

        Args:
            before: where the pull before this one had got to.
        """
        if self._highest is None:
            return before
        if self._cursor.kind == "number":
            return self._highest if before is None else str(max(int(before), int(self._highest)))
        highest = min(self._highest, self._now)
        return highest if before is None else max(before, highest)


def condition(column: str, window: Window) -> str:
    """A window as an SQL condition.

    Args:
        column: the cursor column, quoted for its server.
        window: bounds of our own making or checked ones, never a stranger's text.

    Returns:
        SQL that is true for the window's rows and for rows without a cursor; `1 = 1` for everything.
    """
    if window.is_everything:
        return "1 = 1"
    bounds = [f"{column} >= {_literal(window.lower)}"] if window.lower is not None else []
    bounds += [f"{column} < {_literal(window.upper)}"] if window.upper is not None else []
    return f"(({' and '.join(bounds)}) or {column} is null)"


def _literal(bound: str) -> str:
    return bound if re.fullmatch(r"-?\d+", bound) else literal(bound)
