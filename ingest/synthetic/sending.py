"""How each department sends: which file a row goes into, and how its values are spelled there."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

import duckdb

from ingest.base.sql import literal
from ingest.feeds.loading import load_code_list
from ingest.feeds.model import Column, Feed
from ingest.synthetic.declaring import Habit
from ingest.synthetic.departments import HABITS

DAILY_FILES = 7  # the last days come a file a day
DATE_FORMATS = {
    "iso": "%Y-%m-%d",
    "slash": "%Y/%-m/%-d",
    "compact": "%Y%m%d",
    "chinese": "%Y年%-m月%-d日",
    "dotted": "%Y.%-m.%-d",
}
MOMENT_FORMATS = {
    "iso": "%Y-%m-%d %H:%M:%S",
    "slash": "%Y/%-m/%-d %H:%M",
    "dotted": "%Y.%-m.%-d %H:%M",
}


def world_table(feed: Feed) -> str:
    """Name of the world's table of a feed: every version of every row, stored values."""
    return f"v_{feed.department}__{feed.name}"


def sent_table(feed: Feed) -> str:
    """Name of the table of versions that are sent, with `file_date`; the truth is computed from these.

    `_stands` numbers its rows. DuckDB's own `rowid` changes when what was deleted is cleared away, above some 120,000 rows
    (1.5.6, 2026-12): three totals of a whole city's truth were wrong for it.
    """
    return f"s_{feed.department}__{feed.name}"


def cells_table(feed: Feed) -> str:
    """Name of the table of a feed's rows as spelled in its files: text columns, `file_date`, `seq`, `fault`, `reason` and
    `_stands`, its row in `sent_table`."""
    return f"c_{feed.department}__{feed.name}"


def send(connection: duckdb.DuckDBPyConnection, feed: Feed, as_of: date) -> None:
    """Decide which versions go into which file: nothing after `as_of`, one row a key and file (but for reports).

    A world table may hold `true_entity_id` beside the contract's columns, the entity meant: it goes along to the truth
    and never into a file.
    """
    habit = HABITS[feed.id]
    version = feed.version_column or habit.sent_by
    month_end = (as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    until = month_end if habit.cadence == "monthly" else as_of
    cut = as_of - timedelta(days=DAILY_FILES) if habit.cadence == "daily" else until
    file_date = f"""
        case
            when sent_on > date '{cut}' then sent_on
            when year(sent_on) < {cut.year} then make_date(year(sent_on)::int, 12, 31)
            else least(last_day(sent_on), date '{cut}')
        end"""
    if habit.cadence == "release":
        file_date = "sent_on"
    if habit.cadence == "yearly":
        file_date = (
            f"case when year(sent_on) < {cut.year} then make_date(year(sent_on)::int, 12, 31) else date '{cut}' end"
        )
    names = ", ".join([*(c.name for c in feed.columns), *_truths_own(connection, feed)])
    key = ", ".join(feed.key)
    start = "sent_on" if habit.cadence == "release" else "greatest(sent_on, getvariable('history_start'))"
    table = sent_table(feed)
    connection.execute(f"""
        create table {table} as
        select {names}, ({file_date})::date as file_date, row_number() over () as _stands
        from (select * replace ({start} as sent_on) from (select *, {version}::date as sent_on
              from {world_table(feed)}) where sent_on <= date '{until}')
    """)
    if not habit.every_report:
        # sorted by key and version alone: with all columns along, six million rows do not fit into 2 GB (2026-11)
        connection.execute(f"""
            delete from {table} where _stands in (
                select _stands from (
                    select _stands, row_number() over (partition by {key}, file_date order by {version} desc) as newest
                    from {table}
                ) where newest > 1
            )
        """)


def _truths_own(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[str]:
    columns = connection.execute(f"describe {world_table(feed)}").fetchall()
    return ["true_entity_id"] if "true_entity_id" in {c[0] for c in columns} else []


def spell(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Write every value as the department does: labels for codes, units as sent, dates in its own way."""
    habit = HABITS[feed.id]
    cells = ",\n".join(f"{spelled(c, habit, feed.key[0])} as {c.name}" for c in feed.columns)
    key = ", ".join(feed.key)
    table = sent_table(feed)
    # the order is found on a few columns and joined to the rest, for the sake of memory
    connection.execute(f"""
        create table {cells_table(feed)} as
        with ranked as (
            select
                _stands,
                (row_number() over (order by file_date, {feed.version_column or habit.sent_by}, {key}))::double as seq,
                count(*) over (partition by {key}) as versions
            from {table}
        )
        select
            {cells},
            file_date,
            seq,
            versions,
            cast(null as varchar) as fault,
            cast(null as varchar) as reason,
            {habit.file_by or "cast(null as varchar)"} as part,
            _stands
        from {table} as sent join ranked using (_stands)
    """)


def forget(connection: duckdb.DuckDBPyConnection, feed: Feed, for_truth: Container[str]) -> None:
    """Drop what only the writing needed.

    Args:
        connection: holds the feed's tables.
        feed: its contract.
        for_truth: names of the tables that the truth is computed from; the versions sent stay if they are among them.
    """
    connection.execute(f"drop table {cells_table(feed)}")
    if sent_table(feed) not in for_truth:
        connection.execute(f"drop table {sent_table(feed)}")
    kind = connection.execute(
        "select table_type from information_schema.tables where table_name = ?", [world_table(feed)]
    ).fetchone()
    connection.execute(f"drop {'view' if kind and kind[0] == 'VIEW' else 'table'} {world_table(feed)}")


def spelled(column: Column, habit: Habit, key: str) -> str:
    """SQL that turns a stored value into the text a department's file has for it."""
    name = column.name
    if column.codes:
        labels: dict[str, list[str]] = {}
        for label, value in column.codes:
            labels.setdefault(value, []).append(label)
        cases = " ".join(
            f"when {literal(value)} then "
            + (literal(words[0]) if len(words) == 1 else f"pick({key}, 'label', {words!r})")
            for value, words in labels.items()
        )
        return f"case {name} {cases} end"
    if column.code_list == "district" and "名" in column.description:
        names = " ".join(f"when {literal(r['code'])} then {literal(r['name'])}" for r in load_code_list("district"))
        return f"case {name} {names} end"
    if column.logical_type in ("number", "integer"):
        if column.unit and column.unit.factor > 1:
            places = len(str(column.unit.factor)) - 1
            text = f"({name}::decimal(20, 2) * {1 / column.unit.factor:.{places}f})::varchar"
        else:
            text = f"{name}::varchar"
        return f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
    if column.logical_type == "date":
        return f"strftime({name}, {literal(DATE_FORMATS[habit.dates])})"
    if column.logical_type == "timestamp":
        return f"strftime({name}, {literal(MOMENT_FORMATS.get(habit.dates, MOMENT_FORMATS['iso']))})"
    if column.logical_type == "boolean":
        return f"case {name} when true then '是' when false then '否' end"
    return f"{name}::varchar"
