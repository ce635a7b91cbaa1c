"""The fast lane: rows that need no repair are typed straight from the reader's text; the judge sees the others alone.

Most rows of a feed are as the contract wants them. For those a cheap condition a column settles that the judge would
find nothing to repair and nothing to refuse, so that value = text. It may err on one side only: a row it does not
recognise goes to the judge. `tests/unit/test_fast_lane.py` holds the two against each other.

One million rows of 16 columns: 25 CPU-s through the judge alone (2026-11).
"""

from __future__ import annotations

import duckdb

from ingest import staging
from ingest.casting import Plain, literal, plain_column
from ingest.contract import Column, Feed
from ingest.judging import content_hash, failures, header_unit, rule_macro
from ingest.readers.table import TextPart

# planning the lane's query costs what the judge takes for some thousand rows; the lane depends on the part alone, so that
# the lake's bytes do not depend on what else is taken in
FAST_ROWS = 20_000


def takes(part: TextPart) -> bool:
    """Whether a part goes through the fast lane."""
    return part.rows >= FAST_ROWS


def load(
    connection: duckdb.DuckDBPyConnection, feed: Feed, part: TextPart, raw: str, target: str, place: tuple[int, int]
) -> int:
    """Type a part's plain rows; add all others, as they are, to the table of text.

    Args:
        connection: as for `staging.load`, prepared by `judging.prepare_connection`.
        feed: the contract.
        part: what the reader found.
        raw: the table of text, made where it is absent.
        target: table to make: _ord, _row, _row_hash, the contract's columns, `_sent`, in order; rows with `_sent` NULL are
            plain, the others are the judge's.
        place: number of the file in its group, number of the part in the file.

    Returns:
        How many plain rows there are.

    Raises:
        CountMismatch: when the file is not as plain as the reader took it to be; nothing is then added.
    """
    staging.create(connection, raw, len(part.headers))
    connection.execute("begin")
    try:
        for column in _checked(feed, part):
            for statement in _sound_codes(column, part):
                connection.execute(statement)
        connection.execute(f"create temp table {target} as {lane_query(feed, part)}")
        counted = f"select count(*), count(*) filter (_sent is null) from {target}"
        added, plain = connection.execute(counted).fetchall()[0]
        staging.check_count(part, added)
        cells = ", ".join(f"_sent[{i + 1}] as c{i}" for i in range(len(part.headers)))
        connection.execute(
            f"insert into {raw} select {place[0]}, {place[1]}, _ord, _row, {literal(part.sheet)}, "
            f"{staging.furniture(part)}, * exclude (_ord, _row) from (select _ord, _row, {cells} from {target} "
            "where _sent is not null)"
        )
    except (duckdb.Error, UnicodeDecodeError, staging.CountMismatch) as error:
        connection.execute("rollback")
        raise staging.mismatch(part, error) from None
    connection.execute("commit")
    return int(plain)


def lane_query(feed: Feed, part: TextPart) -> str:
    """Every row of a part: typed where it is plain, else with `_sent`, its cells as sent; pure, so that it can be tested."""
    match = part.match
    present = [c for c in feed.columns if c.name in match.positions]
    plains = {c.name: plain_column(c, header_unit(c, match)) for c in present}
    sent = ", ".join(f'c{match.positions[c.name]} as "t_{c.name}"' for c in present)
    cells = ", ".join(f"c{i}" for i in range(len(part.headers)))
    row = "_row" if part.numbered else f"_ord + {part.first_row - 1}"
    inner = f"select *, {row} as _place from (select *, row_number() over () as _ord from {staging.rows_of(part)})"
    query = f"select _ord, _place, {cells}, {sent} from ({inner})"
    coded = [c for c in present if c.code_list]
    joins = " ".join(
        f'left join "code_{c.code_list}" "l_{c.name}" on "l_{c.name}".spelling = "t_{c.name}"' for c in coded
    )
    values = [f'{plains[c.name].value} as "v_{c.name}"' for c in present]
    values += [f'"l_{c.name}".is_succeeded as "s_{c.name}"' for c in coded]
    values += [f'cast(null as {c.duckdb_type}) as "v_{c.name}"' for c in feed.columns if c.name not in plains]
    query = f"select steps.*, {', '.join(values)} from ({query}) as steps {joins}"
    stored = ", ".join(f'"v_{c.name}" as "{c.name}"' for c in feed.columns)
    return (
        f"select _ord, _place as _row, {content_hash(feed)} as _row_hash, {stored}, "
        f"case when {_condition(feed, part, plains)} then null else [{cells}] end as _sent from ({query})"
    )


def _condition(feed: Feed, part: TextPart, plains: dict[str, Plain]) -> str:
    """What must hold of a plain row (NULL: it does not)."""
    conditions = [f'("t_{name}" is null or ({plain.condition}))' for name, plain in plains.items() if plain.condition]
    checked = _checked(feed, part)
    conditions += [f'("t_{c.name}" is null or "t_{c.name}" in (select code from "sound_{c.name}"))' for c in checked]
    conditions += [f'"t_{c.name}" is not null' for c in checked if c.required]
    settled = {f"f_{c.name}" for c in checked}
    conditions += [f"({sql}) is null" for name, (sql, _) in failures(feed, part.match).items() if name not in settled]
    if part.has_furniture or not any(c.required for c in feed.columns if c.name in plains):
        conditions.append(f"not ({staging.furniture(part)})")
    return " and ".join(conditions) or "true"


def _checked(feed: Feed, part: TextPart) -> list[Column]:
    """Columns with a check digit: the dearest rule by far (1.1 CPU-s a million rows, 2026-11), so each code is tried once."""
    plain = [c for c in feed.columns if c.rules and c.name in part.match.positions]
    return [c for c in plain if c.minimum is None and c.maximum is None]


def _sound_codes(column: Column, part: TextPart) -> tuple[str, str]:
    """Statements that gather the codes of a column that keep their rules; one would try the rule on every row."""
    cell, table = f"c{part.match.positions[column.name]}", f'"sound_{column.name}"'
    holds = " and ".join(f"{rule_macro(rule)}(code)" for rule in column.rules)
    return (
        f"create or replace temp table {table} as select distinct {cell} as code from {staging.rows_of(part)}",
        f"create or replace temp table {table} as select code from {table} where {holds}",
    )
