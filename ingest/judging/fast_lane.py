"""The fast lane: rows that need no repair are typed straight from the reader's text; the judge sees the others alone.

Most rows of a feed are as the contract wants them. For those a cheap condition a column settles that the judge would
find nothing to repair and nothing to refuse, so that value = text. It may err on one side only: a row it does not
recognise goes to the judge. `tests/unit/test_fast_lane.py` holds the two against each other.

What the bytes of the file say of its lines (`readers.line_facts`) spares most conditions, what Arrow's columns tell at once
(`batch_checks`, `code_checks`) stays out of the query, and what is plain is written at once (`lake_pieces`), so that no table of
all rows is ever made. What a million rows cost: this room's README.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingest.base.sql import literal
from ingest.feeds.codes import code_spellings
from ingest.feeds.model import Column, Feed
from ingest.judging import text_table
from ingest.judging.casting import WIDE_MARKS, Plain, enum_spellings, plain_column
from ingest.judging.judge import content_hash, failures, hash_kind, header_unit, is_out_of_order
from ingest.readers.line_facts import pick_lines
from ingest.readers.table import TextPart
from ingest.storage.lake import Lineage

if TYPE_CHECKING:  # numpy: small files do without
    from ingest.judging.fast_lane_repeats import Fingerprints

# planning the lane's query costs what the judge takes for some thousand rows; the lane depends on the part alone, so that
# the lake's bytes do not depend on what else is taken in
FAST_ROWS = 20_000
_MOST_PICKED = 0.25  # of a part's rows; more of them are sooner read again
_MOST_CODES = 1 << 16  # places in a longer list take more than two bytes


@dataclass(frozen=True)
class LaneFile:
    """Where a part's plain rows go: the file, the view of it, and what its rows say of where they come from."""

    path: Path
    view: str
    lineage: Lineage


@dataclass(frozen=True)
class PlainRows:
    """What is remembered of a part's plain rows: their fingerprints, and by column how many have a value."""

    fingerprints: Fingerprints
    present: Mapping[str, int]


def takes(part: TextPart) -> bool:
    """Whether a part goes through the fast lane."""
    return part.rows >= FAST_ROWS


def load(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    part: TextPart,
    raw: str,
    lane: LaneFile,
    place: tuple[int, int],
    scratch: Path | None = None,
) -> PlainRows:
    """Type a part's plain rows; add all others, as they are, to the table of text.

    Args:
        connection: as for `staging.load`, prepared by `judging.prepare_connection`.
        feed: the contract.
        part: what the reader found.
        raw: the table of text, made where it is absent.
        lane: where the plain rows go: a piece of the lake's file (`lake_pieces`) and a view of it with _ord, _row, _row_hash
            and the contract's columns; no file where there are none.
        place: number of the file in its group, number of the part in the file.
        scratch: folder for the lines left to the judge; without it DuckDB reads the part again for them.

    Returns:
        What is remembered of the plain rows.

    Raises:
        CountMismatch: when the file is not as plain as the reader took it to be; nothing is then added.
    """
    text_table.create(connection, raw, len(part.headers))
    connection.execute("begin")
    try:
        if part.suspects is not None and not can_be_looked_at(feed):
            connection.execute(_suspects(part))
        left, plain = _write_plain(connection, feed, part, lane, place[1])
        connection.execute(
            f"create or replace temp view {lane.view} as {_seen(feed, part, lane, part.rows - len(left))}"
        )
        _add_left(connection, part, raw, lane.view, place, left, scratch)
    except (duckdb.Error, UnicodeDecodeError, text_table.CountMismatch) as error:
        connection.execute("rollback")
        lane.path.unlink(missing_ok=True)
        raise text_table.mismatch(part, error) from None
    connection.execute("commit")
    return plain


def _write_plain(
    connection: duckdb.DuckDBPyConnection, feed: Feed, part: TextPart, lane: LaneFile, number: int
) -> tuple[Sequence[int], PlainRows]:
    """Write the plain rows; returns the numbers of all others, in order, and what is remembered of these."""
    # small files need none of these: 0.1 CPU-s (2026-11)
    import numpy

    from ingest.base import arrow
    from ingest.judging import fast_lane_columns, fast_lane_repeats
    from ingest.storage import parquet_pieces

    kept = [c.name for c in feed.columns] + ["_row", "_row_hash"]
    is_looked_through = part.suspects is not None and can_be_looked_at(feed)
    query, asked, codes = (
        looked_query(feed, part) if is_looked_through else (lane_query(feed, part), _code_rules(feed, part), {})
    )
    checks = fast_lane_columns.Checks(**asked)
    suspects = numpy.asarray(_suspect_rows(part) if is_looked_through else (), numpy.int64)
    left, last, gathered = [], 0, fast_lane_repeats.Gathering()
    with parquet_pieces.PieceWriter(lane.path, hash_kind(feed), lane.lineage, part.sheet) as piece:
        for batch in parquet_pieces.batches(connection, query):
            if not batch.num_rows:
                continue
            is_plain = fast_lane_columns.plain(batch, checks)
            numbers = arrow.integers(batch.column("_ord"))
            rows = arrow.integers(batch.column("_row"))
            if numbers[0] <= last or not (numpy.diff(numbers) > 0).all() or not (numpy.diff(rows) > 0).all():
                raise RuntimeError(f"{part.path.name}: rows out of order")
            is_plain[numpy.isin(numbers, suspects, assume_unique=True)] = False
            left.append(_absent(last, numbers, is_plain))
            last = int(numbers[-1])
            gathered.add(arrow.integers(batch.column("_row_hash"))[is_plain], rows[is_plain] - (part.first_row - 1))
            piece.write(parquet_pieces.with_codes(batch.select(kept), codes), is_plain)
        text_table.check_count(part, last)
    absent = [place for places in left for place in places.tolist()]
    return absent, PlainRows(gathered.of(number), piece.present)


def _absent(before: int, numbers: Any, is_plain: Any) -> Any:
    """The numbers after `before`, up to the last of these, that are not among the plain ones of them."""
    import numpy

    is_absent = numpy.ones(int(numbers[-1]) - before, bool)
    is_absent[numbers[is_plain] - (before + 1)] = False
    return numpy.flatnonzero(is_absent) + (before + 1)


def _seen(feed: Feed, part: TextPart, lane: LaneFile, rows: int) -> str:
    """The plain rows as a query over their file."""
    names = ", ".join(f'"{c.name}"' for c in feed.columns)
    if rows:
        order = f"_row - {part.first_row - 1} as _ord"
        return f"select {order}, _row, _row_hash, {names} from read_parquet({literal(lane.path)})"
    none = ", ".join(f'cast(null as {c.duckdb_type}) as "{c.name}"' for c in feed.columns)
    return f"select 0::bigint as _ord, 0::bigint as _row, 0::ubigint as _row_hash, {none} where false"


def lane_query(feed: Feed, part: TextPart) -> str:
    """The plain rows of a part typed, in its order, and its last row in any case; pure, so that it can be tested."""
    match = part.match
    present = [c for c in feed.columns if c.name in match.positions]
    is_looked_through = part.suspects is not None
    plains = {c.name: _plain(c, part, is_looked_through) for c in present}
    sent = ", ".join(f'c{match.positions[c.name]} as "t_{c.name}"' for c in present)
    asked = text_table.furniture(part) if _needs_furniture(feed, part, plains) else "false"
    row = "_row" if part.numbered else f"_ord + {part.first_row - 1}"
    inner = f"select *, {row} as _place from (select *, row_number() over () as _ord from {text_table.rows_of(part)})"
    query = f"select _ord, _place, {asked} as _is_furniture, {sent} from ({inner})"
    values = [f'{plains[c.name].value} as "v_{c.name}"' for c in present]
    values += [f'cast(null as {c.duckdb_type}) as "v_{c.name}"' for c in feed.columns if c.name not in plains]
    query = f"select *, {', '.join(values)} from ({query})"
    stored = ", ".join(f'"v_{c.name}" as "{c.name}"' for c in feed.columns)
    # the last row is always among them: it tells that as many records were read as the reader counted
    query = f"select *, coalesce({_condition(feed, part, plains)}, false) as _is_plain from ({query})"
    return (
        f"select _ord, _place as _row, {content_hash(feed)} as _row_hash, {stored}, _is_plain from ({query}) "
        f"where _is_plain or _ord >= {part.rows}"
    )


def can_be_looked_at(feed: Feed) -> bool:
    """Whether the contract's dates are stored as what they are, so that `batch_checks` can compare them."""
    kinds = {"date": "DATE", "timestamp": "TIMESTAMP"}
    return all(c.duckdb_type == kinds.get(c.logical_type, c.duckdb_type) for c in feed.columns)


def looked_query(feed: Feed, part: TextPart) -> tuple[str, dict[str, Any], dict[str, list[str]]]:
    """All rows of a part whose lines were looked through, typed, in its order; and what is to be asked of them then.

    Conditions that Arrow's columns answer at once (`batch_checks`) stay out of the query. Those that are left are one
    column, `_is_plain`, in which NULL objects to nothing: a cell without text has nothing to be asked.

    Returns:
        The query, what is asked (`batch_checks.Checks`), and the columns that are given as places in a list of codes.
    """
    match = part.match
    present = [c for c in feed.columns if c.name in match.positions]
    plains = {c.name: _plain(c, part, True) for c in present}
    codes = {c.name: found for c in present if 0 < len(found := _codes(c)) <= _MOST_CODES}
    reasons = {name: sql for name, (sql, _) in failures(feed, match).items()}
    said: list[str] = []
    unmarked: list[str] = []
    for c in present:
        reason = reasons.pop(f"f_{c.name}", None)
        if c.name in {checked.name for checked in _checked(feed, part)}:
            continue
        if reason and not _needs_value_only(c, part):
            said.append(f"({reason}) is null")
        shape, has_marks = _shape(c, plains[c.name], c.name in codes)
        said += shape
        unmarked += [c.name] if has_marks else []
    orders = [pair for pair in feed.date_orders if set(pair) <= set(plains)]
    said += [f"({sql}) is null" for name, sql in reasons.items() if not name.startswith("o_")]
    moments = [c.name for c in present if c.logical_type in ("date", "timestamp")]
    days = [c.name for c in present if c.logical_type == "date" and not c.codes]
    required = [c.name for c in present if c.required]
    typed = [c for c in present if plains[c.name].value != f'"t_{c.name}"' and c.name not in days]
    optional = [c.name for c in typed if not c.required]
    heading = None
    if _needs_furniture(feed, part, plains):
        first = next((c for c in present if c.required and match.positions[c.name] == 0), None)
        if first and plains[first.name].value == f'"t_{first.name}"':
            heading = first.name
        elif not first or first.name not in moments:
            said.append(f"not {text_table.furniture(part)}")
    sent = ", ".join(f'c{match.positions[c.name]} as "t_{c.name}"' for c in present)
    query = f"select *, {sent} from (select *, row_number() over () as _ord from {text_table.rows_of(part)})"
    values = [f'{plains[c.name].value} as "v_{c.name}"' for c in present]
    values += [f'cast(null as {c.duckdb_type}) as "v_{c.name}"' for c in feed.columns if c.name not in plains]
    values += [f'{_code_place(c, codes[c.name])} as "i_{c.name}"' for c in present if c.name in codes]
    stored = [f'"{"i" if c.name in codes else "v"}_{c.name}" as "{c.name}"' for c in feed.columns]
    stored += [f'"t_{name}" is not null as "n_{name}"' for name in optional]
    stored += [f'strlen("t_{name}") as "n_{name}"' for name in days]
    stored += [f"{' and '.join(f'({condition})' for condition in said) or 'true'} as _is_plain"]
    query = f"select *, {', '.join(values)} from ({query})"
    place = f"_ord, _ord + {part.first_row - 1} as _row, {content_hash(feed)} as _row_hash"
    asked: dict[str, Any] = _code_rules(feed, part)
    asked |= {"required": tuple(required), "optional": tuple(optional), "unmarked": tuple(unmarked)}
    asked |= {"days": tuple(days), "moments": tuple(moments), "orders": tuple(orders), "heading": heading}
    listed = {name: list(found.values()) for name, found in codes.items()}
    return f"select {place}, {', '.join(stored)} from ({query})", asked, listed


def _shape(column: Column, plain: Plain, is_listed: bool) -> tuple[list[str], bool]:
    """What a column's text must look like in a line that was looked through, as SQL; and whether marks are to be looked for."""
    t = f'"t_{column.name}"'
    if column.logical_type == "date" and not column.codes:
        return [f"{t} >= '1900'"], False
    if column.logical_type == "timestamp" and not column.codes:
        # of 19 characters with marks at these places only these have a zone
        whole = f"{t} like '____-__-__ __:__:__' and not suffix({t}, 'Z') and not suffix({t}, 'z')"
        return [f"case when strlen({t}) = 19 then {whole} else {t} like '____-__-__' end and {t} >= '1900'"], False
    if is_listed:
        return [], False
    is_text = plain.value == t and plain.condition is not None
    if column.code_list or column.width:
        wide = [f"strlen({t}) >= {column.width}"] if column.width else []
        return [" and ".join([f"not suffix({t}, '.0')", *wide])], is_text
    return ([], True) if is_text else ([plain.condition] if plain.condition else [], False)


def _plain(column: Column, part: TextPart, is_looked_through: bool) -> Plain:
    """`plain_column`, with the code of a spelling that needs no repair.

    No join: it gives what found no spelling after the rest of its 2,048 rows, and takes 0.1 CPU-s a million more (2026-11).
    """
    plain = plain_column(column, header_unit(column, part.match), is_looked_through)
    codes = _codes(column)
    if not codes:
        return plain
    return replace(plain, value=f"[{', '.join(map(literal, codes.values()))}][{_code_place(column, codes)} + 1]")


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


def _code_rules(feed: Feed, part: TextPart) -> dict[str, Any]:
    return {"rules": tuple((c.name, rule) for c in _checked(feed, part) for rule in c.rules)}


def _suspect_rows(part: TextPart) -> list[int]:
    return [line + 1 - part.skip for line in part.suspects or () if line >= part.skip]


def _condition(feed: Feed, part: TextPart, plains: dict[str, Plain]) -> str:
    """What must hold of a plain row (NULL: it does not)."""
    checked = _checked(feed, part)
    # said in fewer words than the judge's: the reasons' CASEs took 0.4 CPU-s a million rows (2026-11)
    valued = [c for c in feed.columns if c.name in plains and _needs_value_only(c, part)]
    settled = {f"f_{c.name}" for c in (*checked, *valued)}
    required = {c.name for c in (*checked, *valued) if c.required}
    conditions = [f'"v_{name}" is not null' for name in plains if name in required]
    conditions += [
        plain.condition if name in required else f'("t_{name}" is null or ({plain.condition}))'
        for name, plain in plains.items()
        if plain.condition
    ]
    conditions += [
        f'("t_{c.name}" is null or "v_{c.name}" is not null)'
        for c in valued
        if not c.required and plains[c.name].value != f'"t_{c.name}"'
    ]
    if part.suspects:
        conditions.append("_ord not in (select _ord from suspect_line)")
    orders = [pair for pair in feed.date_orders if set(pair) <= set(plains)]
    settled |= {f"o_{i}" for i in range(len(orders))}
    conditions += [f"coalesce(not ({is_out_of_order(feed, *pair)}), true)" for pair in orders]
    conditions += [f"({sql}) is null" for name, (sql, _) in failures(feed, part.match).items() if name not in settled]
    if _needs_furniture(feed, part, plains):
        conditions.append("not _is_furniture")
    return " and ".join(f"({condition})" for condition in conditions) or "true"


def _needs_furniture(feed: Feed, part: TextPart, plains: Mapping[str, Plain]) -> bool:
    return part.has_furniture or not any(c.required for c in feed.columns if c.name in plains)


def _needs_value_only(column: Column, part: TextPart) -> bool:
    """Whether nothing can be wrong with a column but that it has no value, or for text 1.2E+05: `line_facts` looks for it."""
    if column.rules or column.minimum is not None or column.maximum is not None:
        return False
    is_text = column.logical_type == "string" and not (column.codes or column.code_list)
    return not is_text or part.suspects is not None


def _suspects(part: TextPart) -> str:
    listed = ",".join(map(str, _suspect_rows(part)))
    return (
        "create or replace temp table suspect_line as "
        f"select unnest(cast(string_split(nullif('{listed}', ''), ',') as bigint[])) as _ord"
    )


def _checked(feed: Feed, part: TextPart) -> list[Column]:
    """Columns whose check digits `code_checks` looks at."""
    plain = [c for c in feed.columns if c.rules and c.name in part.match.positions]
    return [c for c in plain if c.minimum is None and c.maximum is None]


def _add_left(
    connection: duckdb.DuckDBPyConnection,
    part: TextPart,
    raw: str,
    plain: str,
    place: tuple[int, int],
    left: Sequence[int],
    scratch: Path | None,
) -> None:
    """Add the rows left to the judge, as they were sent, to the table of text."""
    if not left:
        return
    if part.line_ends is not None and scratch is not None and len(left) <= _MOST_PICKED * part.rows:
        picked = scratch / "left.csv"
        lines = [number - 1 + part.skip for number in left]
        pick_lines(part.path, lines, picked, part.skip - 1, part.delimiter, part.line_ends)
        kept = replace(part, path=picked, numbered=True, skip=0, first_row=1)
        rows = f"(select * exclude (_row), _row as _ord, _row + {part.first_row - 1} as _row from {text_table.source(kept)})"
    else:
        order = f"_row - {part.first_row - 1} as _ord"
        row = "" if part.numbered else f", row_number() over () + {part.first_row - 1} as _row"
        rows = (
            f"(select *, {order} from (select *{row} from {text_table.rows_of(part)}) anti join {plain} using (_row))"
        )
    cells = ", ".join(f"c{i}" for i in range(len(part.headers)))
    added = connection.execute(
        f"insert into {raw} select {place[0]}, {place[1]}, _ord, _row, {literal(part.sheet)}, "
        f"{text_table.furniture(part)}, {cells} from {rows}"
    ).fetchall()[0][0]
    if added != len(left):
        raise text_table.CountMismatch(f"{part.path.name}: {len(left)} / {added}")
