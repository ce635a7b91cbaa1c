"""Mentions: what the records of all departments call an enterprise, each spelling once, with who used it since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from ingest.base.home import Home
from ingest.base.sql import literal, path_list
from ingest.feeds.model import Feed
from ingest.storage.lake import SCHEMA_FILE, folder

REGISTER_SUBJECT: Final = "enterprise"
# identity columns have these names in every feed (or map to them); what names none of the first four mentions nobody
NAMING: Final = ("uscc", "registration_no", "organization_code", "enterprise_name")
IDENTITY: Final = (*NAMING, "address", "district_code")
MENTION_COLUMNS: Final = (
    "feed",
    "department",
    "mention_key",
    *NAMING,
    "address",
    "district_code",
    "records",
    "first_seen",
)


@dataclass(frozen=True)
class Source:
    """A file of the lake whose mentions are read; the same file is never read twice."""

    feed: str
    lake_file: str
    sha256: str


def identity_columns(feed: Feed) -> dict[str, str]:
    """Identity column → the feed's column for it; empty for the register itself and for feeds that mention nobody."""
    if feed.subject == REGISTER_SUBJECT:
        return {}
    found: dict[str, str] = {}
    for column in feed.columns:
        name = column.maps_to or column.name
        if name in IDENTITY and column.logical_type == "string":
            found.setdefault(name, column.name)
    return found if set(found) & set(NAMING) else {}


def key_expression(columns: Mapping[str, str]) -> str:
    """SQL of the key of a mention: `mention_key` of dbt's macros says the same, and a test holds them together.

    With a code the name is all that counts beside it: where the record is from does not change whom it means.

    Args:
        columns: identity column → SQL expression.

    Returns:
        An md5 in hexadecimal, which every engine has; NULL where nobody is named.
    """

    def text(name: str) -> str:
        return f"coalesce({columns[name]}, '')" if name in columns else "''"

    without = ", ".join(text(name) for name in IDENTITY)
    named = " or ".join(f"{columns[name]} is not null" for name in NAMING if name in columns)
    when = f"when {named} then md5(concat_ws('|', {without}))"
    if "uscc" in columns:
        when = f"when {columns['uscc']} is not null then md5(concat_ws('|', {text('uscc')}, {text('enterprise_name')})) {when}"
    return f"case {when} end"


def read_sources(connection: duckdb.DuckDBPyConnection, home: Home, feed: Feed, sources: Sequence[Source]) -> None:
    """Add the mentions of some files of one feed to the table `read_mention`.

    Args:
        connection: holds `read_mention` with MENTION_COLUMNS.
        home: state folder.
        feed: its contract; a column that an older file does not have is NULL there.
        sources: files of this feed.
    """
    columns = identity_columns(feed)
    if not columns or not sources:
        return
    # the empty schema file brings the columns that a file from before a change of the contract does not have
    schema = folder(home, feed.department, feed.name) / SCHEMA_FILE
    paths = [schema] if schema.exists() else []
    paths += [home.lake / s.lake_file for s in sources]
    code = columns.get("uscc")
    selected = []
    for name in IDENTITY:
        if name not in columns:
            selected.append(f"cast(null as varchar) as {name}")
        elif name in ("uscc", "enterprise_name") or code is None:
            selected.append(f"{columns[name]} as {name}")
        else:  # not part of what is meant where there is a code; kept as the least for a steward's eyes
            selected.append(f"case when {code} is null then {columns[name]} end as {name}")
    kept = (
        f"min(case when {code} is not null then {columns[name]} end) as seen_{name}"
        if code and name in columns
        else f"cast(null as varchar) as seen_{name}"
        for name in ("address", "district_code")
    )
    named = " or ".join(f"{columns[n]} is not null" for n in NAMING if n in columns)
    own = ", ".join(columns.values())
    connection.execute(f"""
        insert into read_mention
        select
            {literal(feed.id)}, {literal(feed.department)}, {key_expression({n: n for n in columns})},
            {", ".join(NAMING)}, coalesce(address, seen_address), coalesce(district_code, seen_district_code),
            records, first_seen
        from (
            select {", ".join(selected)}, {", ".join(kept)}, count(*) as records, min(_received_on) as first_seen
            from (select {own}, _received_on from read_parquet({path_list(paths)}, union_by_name = true))
            where {named}
            group by {", ".join(str(i + 1) for i in range(len(IDENTITY)))}
        )
    """)


def make_table(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """An empty table of MENTION_COLUMNS."""
    kinds = {"records": "bigint", "first_seen": "date"}
    listed = ", ".join(f"{c} {kinds.get(c, 'varchar')}" for c in MENTION_COLUMNS)
    connection.execute(f"create table {name} ({listed})")


def merge(connection: duckdb.DuckDBPyConnection, known: str, read: str, into: str) -> None:
    """One row a feed and mention of what was known and what was read; the order in which files came does not show."""
    connection.execute(f"""
        create table {into} as
        select
            feed, any_value(department) as department, mention_key,
            {", ".join(f"any_value({c}) as {c}" for c in NAMING)},
            min(address) as address, min(district_code) as district_code,
            sum(records)::bigint as records, min(first_seen) as first_seen
        from (select * from {known} union all select * from {read})
        group by feed, mention_key
    """)
