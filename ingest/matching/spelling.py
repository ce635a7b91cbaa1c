"""Names and addresses taken apart, in bulk, as columns of a table: each spelling once, and not again the next day."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from ingest.feeds.loading import load_code_list
from ingest.matching.addresses import Address, parse_address
from ingest.matching.names import Name, parse_name
from ingest.matching.scoring import Side

# the parts as columns, in the order in which `_row` and `side` have them
PARTS: Final = (
    "full_name",
    "core",
    "place",
    "form",
    "branch",
    "full_address",
    "address_district",
    "street",
    "road",
    "number",
    "rest",
    "block_district",
    "head",
    "tail",
    "is_company",
)
_BATCH = 50_000


def side(row: tuple[str, ...]) -> Side:
    """What is compared, from the first twelve of PARTS."""
    return Side(Name._make(row[0:5]), Address._make(row[5:11]), row[11])


def _successors() -> dict[str, str]:
    """District code → the one that holds today; the city and functional zones say nothing of the district."""
    return {
        row["code"]: row["successor_code"] or (row["code"] if row["level"] == "district" else "")
        for row in load_code_list("district")
    }


def take_apart(connection: duckdb.DuckDBPyConnection, raw: str, into: str) -> None:
    """Add the parts of every (name, address, district_code) of a table to another.

    Args:
        connection: holds `raw` with those columns; `into` with them and PARTS.
        raw: each spelling once.
        into: gets one row each.
    """
    districts = _successors()
    reader = connection.cursor()  # a second view of the same database: the first one writes meanwhile
    batches = reader.execute(f"select name, address, district_code from {raw}").to_arrow_reader(_BATCH)
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        rows = [_row(name, place, code, districts) for name, place, code in zip(*columns, strict=True)]
        parts = list(zip(*rows, strict=True)) if rows else [()] * len(PARTS)
        kinds = [pa.string()] * (len(PARTS) - 1) + [pa.bool_()]
        made = [pa.array(values, kind) for values, kind in zip(parts, kinds, strict=True)]
        connection.register("apart", pa.table([*batch.columns, *made], [*batch.schema.names, *PARTS]))
        connection.execute(f"insert into {into} select * from apart")
        connection.unregister("apart")


def _row(name: str | None, address: str | None, district: str | None, districts: dict[str, str]) -> tuple[object, ...]:
    named, placed = parse_name(name), parse_address(address)
    block = districts.get(district or "", "") or placed.district_code
    return (*named, *placed, block, named.head, placed.tail, named.is_company)


def make_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """An empty table of spellings."""
    raw = "name varchar, address varchar, district_code varchar"
    parts = ", ".join(f"{c} {'boolean' if c == 'is_company' else 'varchar'}" for c in PARTS)
    connection.execute(f"create table {name} ({raw}, {parts})")
