"""The fast lane's one query: how each column of a part is typed, and who asks what of it, SQL or Arrow.

A column's plan (`plan_of`) is the one place where that is decided. SQL asks only what Arrow's columns cannot tell at once
(`fast_lane_columns`). Of a part whose lines were looked through (`readers.line_facts`) less is asked: blanks around a cell
and full-width letters are not in its lines, the suspect ones aside.

To ask one more thing of a column: a condition in `_asked_of_text` where only its text can tell, else a field of `Checks` and its
line in `fast_lane_columns.plain`; then a case in `tests/unit/judging/test_fast_lane.py`, which holds the lane against the judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.base.sql import literal
from ingest.feeds.codes import code_spellings
from ingest.feeds.model import Column, Feed
from ingest.judging import text_table
from ingest.judging.casting import WIDE_MARKS, Plain, enum_spellings, plain_column
from ingest.judging.judge import content_hash, failures, header_unit
from ingest.readers.table import TextPart

_MOST_CODES = 1 << 16  # places in a longer list take more than two bytes
_STORED_AS = {"date": "DATE", "timestamp": "TIMESTAMP"}


@dataclass(frozen=True)
class Checks:
    """What is asked of a batch's Arrow columns, by column.

    Args:
        required: a value must be there.
        optional: there must be a value where `n_<name>` says that text was sent.
        unmarked: text without full-width marks.
        days: of ten bytes, told by `n_<name>`, and a value where there are any.
        moments: DATE and TIMESTAMP columns, which lie within what the judge takes for plausible.
        orders: pairs of them that may not stand the wrong way round.
        rules: column and rule of `fast_lane_codes`.
        heading: the text of the first cell, which may begin a row of totals.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    moments: tuple[str, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    heading: str | None = None


@dataclass(frozen=True)
class LaneQuery:
    """The rows of a part that may be plain, and its last one, typed, in its order.

    `_is_plain` says what SQL found; NULL there objects to nothing.

    Args:
        sql: gives _ord, _row, _row_hash, the contract's columns, `n_<name>` for `checks`, and `_is_plain`.
        checks: what is asked of its batches.
        codes: column → its list of codes, where the query gives a code's place in that list.
    """

    sql: str
    checks: Checks
    codes: Mapping[str, list[str]]


@dataclass(frozen=True)
class ColumnPlan:
    """How the lane types one column that was sent, and what is asked of it.

    Args:
        column: the contract's.
        value: SQL over `t_<name>`, the cell as sent.
        codes: spelling → code, where the query gives the place in this list; else empty.
        conditions: SQL over `t_` and `v_` that the text of a plain cell keeps.
        reason: the judge's reason to refuse a value, as SQL, where Arrow does not see it.
        is_unmarked: Arrow looks for full-width marks.
        is_day: Arrow looks at its length and its value.
        is_moment: Arrow compares its days.
    """

    column: Column
    value: str
    codes: Mapping[str, str]
    conditions: tuple[str, ...] = ()
    reason: str | None = None
    is_unmarked: bool = False
    is_day: bool = False
    is_moment: bool = False

    @property
    def name(self) -> str:
        """Of the column."""
        return self.column.name

    @property
    def is_text(self) -> bool:
        """Whether the text is the value, so that there is one where text was sent."""
        return self.value == f'"t_{self.name}"'


def knows(column: Column) -> bool:
    """Whether the lane types a column as the judge does; no shipped contract has another."""
    if column.logical_type in _STORED_AS and not column.codes:
        return column.duckdb_type == _STORED_AS[column.logical_type]
    if column.code_list and column.duckdb_type != "VARCHAR":
        return False
    return not (column.rules and (column.codes or column.code_list))


def lane_query(feed: Feed, part: TextPart) -> LaneQuery:
    """The query of a part and what is to be asked of what it gives; pure, so that it can be tested."""
    is_looked = part.suspects is not None
    reasons = {name: sql for name, (sql, _) in failures(feed, part.match).items()}
    sent = [c for c in feed.columns if c.name in part.match.positions]
    plans = [plan_of(c, part, reasons.pop(f"f_{c.name}", None)) for c in sent]
    said = [_of_cell(plan, condition, is_looked) for plan in plans for condition in plan.conditions]
    said += [f"({plan.reason}) is null" for plan in plans if plan.reason]

    moments = {plan.name for plan in plans if plan.is_moment}
    present = [pair for pair in feed.date_orders if set(pair) <= {c.name for c in sent}]
    orders = tuple(pair for pair in present if set(pair) <= moments)
    compared = {f"o_{i}" for i, pair in enumerate(present) if pair in orders}
    said += [f"({sql}) is null" for name, sql in reasons.items() if name not in compared]

    heading = None
    if part.has_furniture or not any(c.required for c in sent):
        first = next((p for p in plans if p.column.required and part.match.positions[p.name] == 0), None)
        if first and first.is_text:
            heading = first.name
        elif not (first and first.is_moment):
            said.append(f"not {text_table.furniture(part)}")

    checks = Checks(
        required=tuple(p.name for p in plans if p.column.required),
        optional=tuple(p.name for p in plans if not (p.is_text or p.is_day or p.column.required)),
        unmarked=tuple(p.name for p in plans if p.is_unmarked),
        days=tuple(p.name for p in plans if p.is_day),
        moments=tuple(p.name for p in plans if p.is_moment),
        orders=orders,
        rules=tuple((p.name, rule) for p in plans if _has_digits_alone(p.column) for rule in p.column.rules),
        heading=heading,
    )
    said_sql = " and ".join(f"({condition})" for condition in said) or "true"
    sql = _assembled(feed, part, plans, checks, said_sql)
    return LaneQuery(sql, checks, {p.name: list(p.codes.values()) for p in plans if p.codes})


def plan_of(column: Column, part: TextPart, reason: str | None) -> ColumnPlan:
    """How a column of a part is typed and what is asked of it.

    Args:
        column: the contract's, found in the part's header.
        part: what the reader found.
        reason: the judge's: SQL of the reason to refuse a value; None where it has none.
    """
    is_looked = part.suspects is not None
    plain = plain_column(column, header_unit(column, part.match), is_looked)
    codes = _codes(column)
    if codes:
        # no join: it gives what found no spelling after the rest of its 2,048 rows, and takes 0.1 CPU-s a million more (2026-11)
        plain = replace(plain, value=f"[{', '.join(map(literal, codes.values()))}][{_code_place(column, codes)} + 1]")
    listed = codes if len(codes) <= _MOST_CODES else {}
    if _has_digits_alone(column):
        return ColumnPlan(column, plain.value, listed)
    is_moment = not column.codes and column.logical_type in _STORED_AS
    is_day = is_moment and column.logical_type == "date"
    asked, is_unmarked = _asked_of_text(column, plain, bool(listed), is_moment, is_looked)
    unseen = None if _needs_value_only(column, is_looked) else reason
    return ColumnPlan(column, plain.value, listed, tuple(asked), unseen, is_unmarked, is_day, is_moment)


def _asked_of_text(
    column: Column, plain: Plain, is_listed: bool, is_moment: bool, is_looked: bool
) -> tuple[list[str], bool]:
    """What a column's text must look like, as SQL; and whether Arrow looks for full-width marks in it.

    Of a line that was looked through, no condition may be NULL but for a missing text.
    """
    t = f'"t_{column.name}"'
    if is_moment and column.logical_type == "date":  # its length, its value and its years: Arrow
        return [f"{t} >= '1900'" if is_looked else f'cast("v_{column.name}" as varchar) = {t}'], False
    if is_moment and is_looked:
        # of 19 characters with marks at these places only these have a zone
        whole = f"{t} like '____-__-__ __:__:__' and not suffix({t}, 'Z') and not suffix({t}, 'z')"
        return [f"case when strlen({t}) = 19 then {whole} else {t} like '____-__-__' end and {t} >= '1900'"], False
    if is_listed:
        return [], False
    is_text = plain.value == t and plain.condition is not None
    if is_looked and (column.code_list or column.width):
        wide = [f"strlen({t}) >= {column.width}"] if column.width else []
        return [" and ".join([f"not suffix({t}, '.0')", *wide])], is_text
    if is_looked and is_text:
        return [], True
    return [plain.condition] if plain.condition else [], False


def _of_cell(plan: ColumnPlan, condition: str, is_looked: bool) -> str:
    """A condition of a cell; outside lines that were looked through, one that is NULL for a text does not hold."""
    return condition if is_looked else f'"t_{plan.name}" is null or ({condition})'


def _assembled(feed: Feed, part: TextPart, plans: Sequence[ColumnPlan], checks: Checks, is_plain: str) -> str:
    """The query of a part whose rows are plain where `is_plain` holds.

    Cells named (`t_`), then typed (`v_`, and `i_` for places of codes), then stored under the contract's names.
    """
    named = ", ".join(f'c{part.match.positions[p.name]} as "t_{p.name}"' for p in plans)
    query = f"select *, {named} from (select *, row_number() over () as _ord from {text_table.rows_of(part)})"
    values = {p.name: p.value for p in plans}
    typed = [f'{values.get(c.name, f"cast(null as {c.duckdb_type})")} as "v_{c.name}"' for c in feed.columns]
    typed += [f'{_code_place(p.column, p.codes)} as "i_{p.name}"' for p in plans if p.codes]
    query = f"select *, {', '.join(typed)} from ({query})"
    by_place = {p.name for p in plans if p.codes}
    row = "_row" if part.numbered else f"_ord + {part.first_row - 1} as _row"
    stored = ["_ord", row, f"{content_hash(feed)} as _row_hash"]
    stored += [f'"{"i" if c.name in by_place else "v"}_{c.name}" as "{c.name}"' for c in feed.columns]
    stored += [f'"t_{name}" is not null as "n_{name}"' for name in checks.optional]
    stored += [f'strlen("t_{name}") as "n_{name}"' for name in checks.days]
    if part.suspects is not None:
        return f"select {', '.join(stored)}, {is_plain} as _is_plain from ({query})"
    # many rows of such a part may be left: they are not hashed. The last one comes in any case, it tells how many were read
    query = f"select *, coalesce({is_plain}, false) as _is_plain from ({query})"
    return f"select {', '.join(stored)}, _is_plain from ({query}) where _is_plain or _ord >= {part.rows}"


def _codes(column: Column) -> dict[str, str]:
    """Spellings that need no repair → the code; none for a column that holds no text from a list."""
    if column.duckdb_type != "VARCHAR":
        return {}
    if not column.code_list:
        return enum_spellings(column)
    return {
        spelling: code
        for spelling, (code, is_old) in code_spellings(column.code_list).items()
        if not (is_old or set(spelling) & set(WIDE_MARKS) or spelling.endswith(".0"))
        and len(spelling.encode()) >= (column.width or 0)
    }


def _code_place(column: Column, codes: Mapping[str, str]) -> str:
    """The place of a column's text among the spellings, from 0, as SQL."""
    return f'enum_code(try_cast("t_{column.name}" as enum({", ".join(map(literal, codes))})))'


def _needs_value_only(column: Column, is_looked: bool) -> bool:
    """Whether nothing can be wrong with a column but that it has no value, or for text 1.2E+05: `line_facts` looks for it."""
    if column.rules or column.minimum is not None or column.maximum is not None:
        return False
    is_text = column.logical_type == "string" and not (column.codes or column.code_list)
    return not is_text or is_looked


def _has_digits_alone(column: Column) -> bool:
    """Whether its check digits, which `fast_lane_codes` looks at, are all that can be wrong with a value."""
    return bool(column.rules) and column.minimum is None and column.maximum is None
