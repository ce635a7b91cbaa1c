"""The judge: one query a file that types every row, names what is wrong with it and fingerprints its content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from ingest.base.sql import literal, path_list
from ingest.feeds.check_digits import ID_CHECK_CHARACTERS, ID_WEIGHTS, USCC_ALPHABET, USCC_WEIGHTS
from ingest.feeds.codes import code_spellings
from ingest.feeds.headers import HeaderMatch
from ingest.feeds.model import Column, Feed
from ingest.feeds.units import unit_words
from ingest.judging.casting import MACROS as CASTING_MACROS
from ingest.judging.casting import cast_column

# where a record stands: number of its file in the group, of its part in the file, of the record in the part
PLACE = "_file, _part, _ord, _row, _sheet"
_INVALID = {
    "date": "DATE_INVALID",
    "timestamp": "DATE_INVALID",
    "integer": "NUMBER_INVALID",
    "number": "NUMBER_INVALID",
    "boolean": "CODE_UNKNOWN",
    "string": "CODE_UNKNOWN",
}
# what a spreadsheet makes of a long number in a column of text
_SCIENTIFIC = r"[0-9]([.][0-9]+)?E[+][0-9]{2}"
_RULES = {"gb32100": ("jgt_uscc_holds", "USCC_CHECK"), "gb11643": ("jgt_id_holds", "ID_CHECK")}
RULES = tuple(_RULES)  # what a contract may name


def _check_digit_macros() -> Iterable[str]:
    alphabet = literal(USCC_ALPHABET)
    uscc = " + ".join(f"{w} * (strpos({alphabet}, s[{i}]) - 1)" for i, w in enumerate(USCC_WEIGHTS, 1))
    # GB 32100-2015: department and category 2 characters, division 6 digits, organisation code 9, check character 1
    yield f"""create or replace temp macro jgt_uscc_holds(s) as
        regexp_full_match(s, '[0-9A-HJ-NPQRTUWXY]{{2}}[0-9]{{6}}[0-9A-HJ-NPQRTUWXY]{{10}}')
        and {alphabet}[(31 - ({uscc}) % 31) % 31 + 1] = s[18]"""
    digits = " + ".join(f"{w} * (ascii(s[{i}]) - 48)" for i, w in enumerate(ID_WEIGHTS, 1))
    # GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits that hold a real birth date
    yield f"""create or replace temp macro jgt_id_holds(s) as
        regexp_full_match(s, '[1-9][0-9]{{16}}[0-9X]') and try_strptime(s[7:14], '%Y%m%d') is not null
        and '{ID_CHECK_CHARACTERS}'[({digits}) % 11 + 1] = s[18]"""


def prepare_connection(connection: duckdb.DuckDBPyConnection, feeds: Iterable[Feed]) -> None:
    """Define the macros and code lists that judging needs; once a connection."""
    for statement in (*CASTING_MACROS, *_check_digit_macros()):
        connection.execute(statement)
    for name in sorted({c.code_list for f in feeds for c in f.columns if c.code_list}):
        rows = code_spellings(name)
        values = ", ".join(f"({literal(s)}, {literal(code)}, {str(old).lower()})" for s, (code, old) in rows.items())
        connection.execute(
            f'create or replace temp table "code_{name}" as '
            f"select * from (values {values}) as spelled(spelling, code, is_succeeded)"
        )


def judge(connection: duckdb.DuckDBPyConnection, feed: Feed, match: HeaderMatch, source: str, target: str) -> None:
    """Type and judge every record of a text table.

    Args:
        connection: prepared by `prepare_connection`.
        feed: the contract.
        match: where the contract's columns lie in the text table.
        source: table with PLACE and c0, c1, … as sent.
        target: table to make: PLACE, `v_` values, `f_` and `o_` reason codes, `m_` repairs, _is_refused, _row_hash.
    """
    connection.execute(f"create or replace temp table {target} as {judging_query(feed, match, source)}")


def judging_query(feed: Feed, match: HeaderMatch, source: str) -> str:
    """The query behind `judge`; pure, so that it can be read and tested."""
    present = [c for c in feed.columns if c.name in match.positions]
    casts = {c.name: cast_column(c, header_unit(c, match)) for c in present}
    sent = ", ".join(f'c{match.positions[c.name]} as "r_{c.name}"' for c in present)
    query = f"select {PLACE}, {sent} from {source}"
    for step in (
        [f'jgt_trim("r_{c.name}") as "w_{c.name}"' for c in present],
        [f'{casts[c.name].narrow} as "u_{c.name}"' for c in present],
        [f'{casts[c.name].text} as "t_{c.name}"' for c in present],
        [f'{sql} as "n_{c.name}"' for c in present if (sql := casts[c.name].plain)],
        [f'{sql} as "p_{c.name}"' for c in present if (sql := casts[c.name].parts)],
    ):
        query = f"select *, {', '.join(step)} from ({query})" if step else query
    coded = [c for c in present if c.code_list]
    joins = " ".join(
        f'left join "code_{c.code_list}" "l_{c.name}" on "l_{c.name}".spelling = "t_{c.name}"' for c in coded
    )
    typed = [f'{casts[c.name].value} as "v_{c.name}"' for c in present]
    typed += [f'"l_{c.name}".is_succeeded as "s_{c.name}"' for c in coded]
    typed += [f'cast(null as {c.duckdb_type}) as "v_{c.name}"' for c in feed.columns if c.name not in casts]
    query = f"select steps.*, {', '.join(typed)} from ({query}) as steps {joins}"
    reasons = failures(feed, match)
    kept = [f'"v_{c.name}"' for c in feed.columns]
    kept += [f'{sql} as "{name}"' for name, (sql, _) in reasons.items()]
    kept += [f'cast({casts[c.name].repairs} as usmallint) as "m_{c.name}"' for c in present]
    refused = " or ".join(f'"{name}" is not null' for name in reasons) or "false"
    return (
        f"select *, {refused} as _is_refused from (select {PLACE}, {', '.join(kept)}, "
        f"{content_hash(feed)} as _row_hash from ({query}))"
    )


def content_hash(feed: Feed, prefix: str = "v_") -> str:
    """A row's fingerprint as SQL, over all columns of the contract: one that was not sent is the same as an empty one.

    DuckDB's own hash, a tenth of md5's cost (2026-11). It is compared with others of its kind alone: see `hash_kind`.
    """
    return f"hash({', '.join(f'{chr(34)}{prefix}{c.name}{chr(34)}' for c in feed.columns)})"


def hash_kind(feed: Feed) -> str:
    """What a stored fingerprint depends on besides the row: DuckDB's version, the contract's columns and their types.

    It is written into each lake file. Where it differs, `versions` makes the fingerprints anew from the values.
    """
    columns = " ".join(f"{c.name} {c.duckdb_type}" for c in feed.columns)
    return f"duckdb {duckdb.__version__} {hashlib.sha256(columns.encode()).hexdigest()[:16]}"


def header_unit(column: Column, match: HeaderMatch) -> str | None:
    """The unit the file's header names, if the contract knows it and expects another one."""
    named = match.units.get(column.name)
    if named is None or column.unit is None or named == column.unit.sent or named not in unit_words(column):
        return None
    return named


def failure_names(feed: Feed, match: HeaderMatch) -> dict[str, tuple[str, ...]]:
    """Names of the judged table's reason columns → the contract columns each is about."""
    return {name: columns for name, (_, columns) in failures(feed, match).items()}


def failures(feed: Feed, match: HeaderMatch) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Reason column → (SQL that gives a reason code or NULL, contract columns it is about)."""
    present = [c for c in feed.columns if c.name in match.positions]
    found: dict[str, tuple[str, tuple[str, ...]]]
    found = {f"f_{c.name}": (sql, (c.name,)) for c in present if (sql := _failure(c))}
    names = {c.name for c in present}
    orders = [pair for pair in feed.date_orders if set(pair) <= names]
    found |= {f"o_{i}": (_order_failure(feed, *pair), pair) for i, pair in enumerate(orders)}
    linked = [(i, r.column) for i, r in enumerate(feed.references) if r.column in names]
    return found | {f"x_{i}": (_reference_failure(i, column), (column,)) for i, column in linked}


def _failure(column: Column) -> str | None:
    """What can be wrong with a column's value, as SQL; None for free text that may be empty."""
    t, v = f'"t_{column.name}"', f'"v_{column.name}"'
    branches = [f"when {t} is null then 'REQUIRED_MISSING'"] if column.required else []
    if not column.keeps_unknown and (column.logical_type != "string" or column.codes or column.code_list):
        code = "CODE_UNKNOWN" if column.codes or column.code_list else _INVALID[column.logical_type]
        branches.append(f"when {t} is not null and {v} is null then '{code}'")
    if column.logical_type == "string" and not (column.codes or column.code_list or column.rules):
        branches.append(f"when contains({v}, 'E+') and regexp_full_match({v}, '{_SCIENTIFIC}') then 'DIGITS_LOST'")
    for rule in column.rules:
        macro, code = _RULES[rule]
        branches.append(f"when {v} is not null and not {macro}({v}) then '{code}'")
    if column.minimum is not None:
        branches.append(f"when {v} < {column.minimum:g} then 'RANGE'")
    if column.maximum is not None:
        branches.append(f"when {v} > {column.maximum:g} then 'RANGE'")
    return f"case {' '.join(branches)} end" if branches else None


def _reference_failure(index: int, column: str) -> str:
    found = f'cast("v_{column}" as varchar) in (select value from reference_{index})'
    return f"""case when "v_{column}" is not null and not ({found}) then 'REFERENCE_MISSING' end"""


def prepare_references(
    connection: duckdb.DuckDBPyConnection, feed: Feed, referenced: Mapping[str, Sequence[Path]]
) -> None:
    """Gather what a feed's references may name, as `reference_0`, …: the one column of the other feed's lake files."""
    for index, reference in enumerate(feed.references):
        files = referenced.get(reference.feed, ())
        values = (
            f'select distinct cast("{reference.to}" as varchar) as value '
            f'from read_parquet({path_list(files)}, union_by_name = true) where "{reference.to}" is not null'
            if files
            else "select cast(null as varchar) as value where false"
        )
        connection.execute(f"create or replace temp table reference_{index} as {values}")


def awaited(feed: Feed, match: HeaderMatch) -> dict[str, str]:
    """What a judged row waits for: `feed.column` of the other side → SQL of the value, null where nothing is missing."""
    return {
        f"{r.feed}.{r.to}": f'case when "x_{i}" is not null then cast("v_{r.column}" as varchar) end'
        for i, r in enumerate(feed.references)
        if r.column in match.positions
    }


def _order_failure(feed: Feed, earlier: str, later: str) -> str:
    return f"case when {is_out_of_order(feed, earlier, later)} then 'DATE_ORDER' end"


def is_out_of_order(feed: Feed, earlier: str, later: str) -> str:
    """Whether two dates stand the wrong way round, as SQL; NULL where one is missing."""
    # a day has no hour: compared by day where either side is a day
    days = "DATE" in (feed.column(earlier).duckdb_type, feed.column(later).duckdb_type)
    a, b = (f'cast("v_{n}" as date)' if days else f'"v_{n}"' for n in (earlier, later))
    return f"{a} > {b}"
