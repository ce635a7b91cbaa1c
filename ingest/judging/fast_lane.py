"""The fast lane: rows that need no repair are typed straight from the reader's text; the judge sees the others alone.

Most rows of a feed are as the contract wants them. For those a cheap condition a column settles that the judge would
find nothing to repair and nothing to refuse, so that value = text. It may err on one side only: a row it does not
recognise goes to the judge. `tests/unit/judging/test_fast_lane.py` holds the two against each other.

`fast_lane_query` says what is asked; what the bytes of the file say of its lines (`readers.line_facts`) spares most conditions, what
Arrow's columns tell at once (`fast_lane_columns`, `fast_lane_codes`) stays out of the query, and what is plain is written at once
(`storage.parquet_pieces`), so that no table of all rows is ever made. What a million rows cost: this room's README.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingest.base.sql import literal
from ingest.feeds.model import Feed
from ingest.judging import text_table
from ingest.judging.fast_lane_query import knows, lane_query
from ingest.judging.judge import hash_kind
from ingest.readers.line_facts import pick_lines
from ingest.readers.table import TextPart
from ingest.storage.lake import Lineage

if TYPE_CHECKING:  # numpy: small files do without
    from ingest.judging.fast_lane_repeats import Fingerprints

# planning the lane's query costs what the judge takes for some thousand rows; the lane depends on the part alone, so that
# the lake's bytes do not depend on what else is taken in
FAST_ROWS = 20_000
_MOST_PICKED = 0.25  # of a part's rows; more of them are sooner read again


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


def takes(part: TextPart, feed: Feed) -> bool:
    """Whether a part goes through the fast lane: it is large enough, and the lane knows every kind of column in its contract."""
    return part.rows >= FAST_ROWS and all(knows(column) for column in feed.columns)


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
    query = lane_query(feed, part)
    suspects = numpy.asarray(_suspect_rows(part), numpy.int64)
    left, last, gathered = [], 0, fast_lane_repeats.Gathering()
    with parquet_pieces.PieceWriter(lane.path, hash_kind(feed), lane.lineage, part.sheet) as piece:
        for batch in parquet_pieces.batches(connection, query.sql):
            if not batch.num_rows:
                continue
            is_plain = fast_lane_columns.plain(batch, query.checks)
            numbers = arrow.integers(batch.column("_ord"))
            rows = arrow.integers(batch.column("_row"))
            if numbers[0] <= last or not (numpy.diff(numbers) > 0).all() or not (numpy.diff(rows) > 0).all():
                raise RuntimeError(f"{part.path.name}: rows out of order")
            is_plain[numpy.isin(numbers, suspects, assume_unique=True)] = False
            left.append(_absent(last, numbers, is_plain))
            last = int(numbers[-1])
            gathered.add(arrow.integers(batch.column("_row_hash"))[is_plain], rows[is_plain] - (part.first_row - 1))
            piece.write(parquet_pieces.with_codes(batch.select(kept), query.codes), is_plain)
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


def _suspect_rows(part: TextPart) -> list[int]:
    return [line + 1 - part.skip for line in part.suspects or () if line >= part.skip]


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
