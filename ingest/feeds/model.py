"""Contracts as data: one ODCS 3 file a feed, read once into frozen values that every room shares.

The reader, the judge, Great Expectations, the dbt sources, the dictionary's labels and masking all start here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.base.errors import ShownError
from ingest.feeds.servers import Pull


class ContractError(ShownError, ValueError):
    """A contract that cannot be used; the message names the file, the place and what to change."""


@dataclass(frozen=True)
class Unit:
    """A quantity that is sent in one unit and stored in another: stored = sent × factor."""

    sent: str
    stored: str
    factor: int


@dataclass(frozen=True)
class Reference:
    """A column whose value another feed must have brought: `column` is one of `to` in `feed`.

    A row whose value is not there yet waits `wait_days` for the other feed before it is refused for good.
    """

    column: str
    feed: str
    to: str
    wait_days: int = 30


@dataclass(frozen=True)
class Withdrawal:
    """What marks a row as withdrawn by its sender (核销, 撤销, 删除): `column` holds one of `values` (stored codes)."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """One column of a feed: what it is called where it comes from, what it is stored as, what must hold."""

    name: str
    label: str
    logical_type: str
    duckdb_type: str
    required: bool = False
    is_key: bool = False
    description: str = ""
    is_personal: bool = False
    synonyms: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()  # (label as sent, stored code)
    code_list: str | None = None
    keeps_unknown: bool = False  # a code that is not on its list is accepted as sent, shown as 未知 and counted
    unit: Unit | None = None
    width: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    rules: tuple[str, ...] = ()
    maps_to: str | None = None
    may_lie_ahead: bool = False  # a deadline, a term: every other date is of something that has happened
    fold: bool = False  # full-width characters of free text become narrow
    fill_down: bool = False  # a blank cell means the value above it, as in merged cells

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header this column may arrive under: its label, its synonyms and its own name."""
        return (self.label, *self.synonyms, self.name)


@dataclass(frozen=True)
class Feed:
    """One feed of one department, as its contract says."""

    id: str
    label: str
    version: str
    department: str
    name: str
    file_pattern: str
    format: str | None  # None: told from the content
    encoding: str | None  # None: detected
    delimiter: str | None  # None: detected
    columns: tuple[Column, ...]
    subject: str | None
    subject_constants: tuple[tuple[str, Any], ...]
    version_column: str | None
    date_orders: tuple[tuple[str, str], ...]
    grain: str
    purpose: str
    owner: str
    frequency_days: int
    latency_hours: int
    references: tuple[Reference, ...] = ()
    withdrawn_when: Withdrawal | None = None
    pulls: tuple[Pull, ...] = ()  # databases and interfaces it is pulled from, besides the files that land
    drift_share: float | None = None  # of a column's values, for its type to have changed; None: drift.BREAKING_SHARE

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns, in contract order."""
        return tuple(c.name for c in self.columns if c.is_key)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.id}: no column {name}")
