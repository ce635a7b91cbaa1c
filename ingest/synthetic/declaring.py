"""The words a department's module is written in: how it sends a feed, and which faults its rows have.

A fault is declared once, where the feed's habits are; `faults.py` plants it, `truth.py` counts it, `forms/` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Habit:
    """A department's way with one feed.

    `cadence`: `daily` (a file a day in the last week), `weekly` (this month's file grows up to now), `monthly`
    (whole months only), `yearly` (this year's file grows up to now), `release` (a file per release date). `dates`: how a
    date is spelled (`sending.DATE_FORMATS`). `every_report`: rows of one key are all sent, not only the latest of the
    file. `sent_by`: the column that says when a row is sent, for a feed without version column. `encoding`: of text
    files, where the contract leaves it open.

    The look of its files: `packed`: `zip` or `gz`. `file_by`: a column; a file for each of its values. `is_form`: a
    protected form to fill in. In workbooks: `sheets`: a column; a sheet for each of its values. `months`: a column of
    dates (`iso`); a sheet for each of its months. `subtotals`: a column; a 小计 row after each of its values.
    `header_groups`: words over several columns, the columns side by side.
    """

    cadence: str = "daily"
    dates: str = "iso"
    newline: str = "\n"
    every_report: bool = False
    sent_by: str | None = None
    encoding: str = "utf-8-sig"
    packed: str | None = None
    file_by: str | None = None
    is_form: bool = False
    sheets: str | None = None
    months: str | None = None
    subtotals: str | None = None
    header_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column of a feed.

    `value`: SQL for the faulty text; `{c}` is the column, `{impossible}` a date of the row's year that does not exist,
    spelled as the feed spells dates. `reason`: the code a refusal must carry; None: repaired and loaded. `where`: which
    rows can have it. `rows`: how many get it, where `volumes.FAULT_RATES` does not say.
    """

    kind: str
    column: str
    value: str = "{c}"
    reason: str | None = None
    where: str = "true"
    rows: int | None = None


SENT_TWICE = Fault("sent_twice", "")  # some rows come twice: in their file, and again in the feed's next file
CUT_OFF = Fault("cut_off", "")  # the last file but one breaks off in the middle of a record and comes again whole
DAMAGED = Fault("damaged", "")  # the last file comes twice: once half, which no reader can open, and once whole

_WRONG_CHECK = (
    "case when rnd({c}, 'wrong how') < 0.3 then left({c}, 8) || replace(substr({c}, 9), '0', 'O')"
    " else left({c}, 17) end || case when rnd({c}, 'wrong how') < 0.3 and contains(substr({c}, 9), '0') then ''"
    " when right({c}, 1) = '0' then '1' else '0' end"
)
_SUCCESSORS = (
    "case {c} when '320104' then '320103' when '320106' then '320107' when '320117' then '320124' else '320125' end"
)


def bad_uscc(column: str = "uscc") -> Fault:
    """A unified credit code whose check character is wrong, or with the letter O for a zero."""
    return Fault("bad_uscc", column, _WRONG_CHECK, "USCC_CHECK", f"{column} is not null")


def bad_identity_number(column: str) -> Fault:
    """An identity number whose check character is wrong."""
    value = "left({c}, 17) || case when right({c}, 1) = '0' then '1' else '0' end"
    return Fault("bad_identity_number", column, value, "ID_CHECK", f"{column} is not null")


def impossible_date(column: str) -> Fault:
    """The thirtieth of February."""
    return Fault("impossible_date", column, "{impossible}", "DATE_INVALID", f"{column} is not null")


def date_order(column: str) -> Fault:
    """A date twelve years early, so that it lies before the date the contract orders before it.

    Twelve, so that the twenty-ninth of February stays a day.
    """
    value = "(left({c}, 4)::int - 12)::varchar || substr({c}, 5)"
    return Fault("date_order", column, value, "DATE_ORDER", f"{column} is not null")


def missing(column: str) -> Fault:
    """A required cell left empty."""
    return Fault("required_missing", column, "cast(null as varchar)", "REQUIRED_MISSING")


def unknown_code(column: str, text: str, rows: int | None = None) -> Fault:
    """A code or label that is on no list; loaded all the same where the contract keeps such codes."""
    return Fault("unknown_code", column, f"'{text}'", "CODE_UNKNOWN", rows=rows)


def not_a_number(column: str, text: str) -> Fault:
    """A word where a number is due."""
    return Fault("not_a_number", column, f"'{text}'", "NUMBER_INVALID")


def negative_number(column: str, text: str = "-1") -> Fault:
    """A number below the contract's minimum."""
    return Fault("negative_number", column, f"'{text}'", "RANGE")


def too_large(column: str, text: str) -> Fault:
    """A number above the contract's maximum."""
    return Fault("too_large", column, f"'{text}'", "RANGE")


def extra_field(column: str) -> Fault:
    """A delimiter inside a value without quotes: one field too many (text files)."""
    return Fault("extra_field", column, "{c}", "FIELD_COUNT", f"{column} is not null")


def unclosed_quote(column: str) -> Fault:
    """One quotation mark that is never closed (text files)."""
    return Fault("unclosed_quote", column, "{c}", "UNCLOSED_QUOTE", rows=1)


def cut_line(column: str) -> Fault:
    """A record that stops in its middle while the next one follows (JSON lines)."""
    return Fault("cut_line", column, "{c}", "RECORD_SHAPE", rows=1)


def nested(column: str) -> Fault:
    """An object where a value is due (JSON)."""
    return Fault("nested", column, "{c}", "RECORD_SHAPE", f"{column} is not null", rows=2)


def dangling_reference(column: str, text: str) -> Fault:
    """A record of another feed that nobody ever sends (the contract's reference); the row waits for it."""
    return Fault("dangling_reference", column, f"'{text}'", "REFERENCE_MISSING", f"{column} is not null")


def full_width(column: str) -> Fault:
    """Full-width digits, which are folded."""
    value = "translate({c}, '0123456789', '０１２３４５６７８９')"
    return Fault("full_width", column, value, None, f"regexp_matches({column}, '[0-9]')")


def lost_zero(column: str) -> Fault:
    """A code whose leading zero a spreadsheet dropped; the contract's width brings it back."""
    return Fault("lost_leading_zero", column, "ltrim({c}, '0')", None, f"{column} like '0%'")


def unit_word(column: str) -> Fault:
    """An amount in a feed that sends 元, written with 万元."""
    value = "rtrim(rtrim(({c}::decimal(18, 2) * 0.0001)::varchar, '0'), '.') || '万元'"
    return Fault("unit_word", column, value, None, f"{column} is not null")


def retired_district(column: str = "district_code") -> Fault:
    """The code of a district that was merged into its successor."""
    return Fault("retired_district", column, _SUCCESSORS, None, f"{column} in ('320104', '320106', '320117', '320118')")
