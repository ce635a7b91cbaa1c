"""How each department sends: which file a row goes into, and how its values are spelled there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from ingest.contract import Column, Feed, load_code_list

DAILY_FILES = 7  # the last days come a file a day


@dataclass(frozen=True)
class Habit:
    """A department's way with one feed.

    `cadence`: `daily` (a file a day in the last week), `weekly` (this month's file grows up to now), `monthly`
    (whole months only), `release` (a file per release date). `dates`: how a date is spelled. `every_report`: rows of
    one key are all sent, not only the latest of the file.
    """

    cadence: str = "daily"
    dates: str = "iso"
    newline: str = "\n"
    every_report: bool = False


HABITS: Mapping[str, Habit] = {
    "scjg.enterprise": Habit(newline="\r\n"),
    "yjgl.accident": Habit("weekly", every_report=True),
    "yjgl.accident_casualty": Habit("weekly"),
    "yjgl.inspection": Habit(newline="\r\n"),
    "yjgl.hazard": Habit(),
    "yjgl.penalty": Habit(dates="chinese", newline="\r\n"),
    "yjgl.standardization": Habit("monthly"),
    "yjgl.key_supervision_list": Habit("monthly"),
    "xfjy.fire_inspection": Habit(),
    "gaj.road_accident": Habit("weekly", "slash", "\r\n", every_report=True),
    "fgw.credit_list": Habit("weekly"),
    "fgw.credit_repair": Habit("weekly"),
    "jrjg.policy": Habit(dates="slash"),
    "jrjg.claim": Habit("weekly", "compact"),
    "jrjg.prevention_service": Habit(),
    "tjj.district_economy": Habit("release"),
}

_DATE_FORMATS = {"iso": "%Y-%m-%d", "slash": "%Y/%-m/%-d", "compact": "%Y%m%d", "chinese": "%Y年%-m月%-d日"}
_MOMENT_FORMATS = {"iso": "%Y-%m-%d %H:%M:%S", "slash": "%Y/%-m/%-d %H:%M"}


def world_table(feed: Feed) -> str:
    """Name of the world's table of a feed: every version of every row, stored values."""
    return f"v_{feed.department}__{feed.name}"


def sent_table(feed: Feed) -> str:
    """Name of the table of versions that are sent, with `file_date`; the truth is computed from these."""
    return f"s_{feed.department}__{feed.name}"


def cells_table(feed: Feed) -> str:
    """Name of the table of a feed's rows as spelled in its files: text columns, `file_date`, `seq`, `fault`, `reason`."""
    return f"c_{feed.department}__{feed.name}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def send(connection: duckdb.DuckDBPyConnection, feed: Feed, as_of: date) -> None:
    """Decide which versions go into which file: nothing after `as_of`, one row a key and file (but for reports)."""
    habit = HABITS[feed.id]
    version = feed.version_column
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
    names = ", ".join(c.name for c in feed.columns)
    key = ", ".join(feed.key)
    start = "sent_on" if habit.cadence == "release" else "greatest(sent_on, getvariable('history_start'))"
    latest = "true" if habit.every_report else "newest = 1"
    connection.execute(f"""
        create table {sent_table(feed)} as
        select {names}, file_date
        from (
            select *, row_number() over (partition by {key}, file_date order by {version} desc) as newest
            from (
                select *, ({file_date})::date as file_date
                from (select * replace ({start} as sent_on) from (select *, {version}::date as sent_on
                      from {world_table(feed)}) where sent_on <= date '{until}')
            )
        )
        where {latest}
    """)


def spell(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Write every value as the department does: labels for codes, units as sent, dates in its own way."""
    habit = HABITS[feed.id]
    cells = ",\n".join(f"{spelled(c, habit, feed.key[0])} as {c.name}" for c in feed.columns)
    key = ", ".join(feed.key)
    connection.execute(f"""
        create table {cells_table(feed)} as
        select
            {cells},
            file_date,
            (row_number() over (order by file_date, {feed.version_column}, {key}))::double as seq,
            count(*) over (partition by {key}) as versions,
            cast(null as varchar) as fault,
            cast(null as varchar) as reason
        from {sent_table(feed)}
    """)


def forget(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Drop what only the writing needed; the versions sent stay, for the truth."""
    connection.execute(f"drop table {cells_table(feed)}")
    connection.execute(f"drop table {world_table(feed)}")


def spelled(column: Column, habit: Habit, key: str) -> str:
    """SQL that turns a stored value into the text a department's file has for it."""
    name = column.name
    if column.codes:
        labels: dict[str, list[str]] = {}
        for label, value in column.codes:
            labels.setdefault(value, []).append(label)
        cases = " ".join(
            f"when {_quoted(value)} then "
            + (_quoted(words[0]) if len(words) == 1 else f"pick({key}, 'label', {words!r})")
            for value, words in labels.items()
        )
        return f"case {name} {cases} end"
    if column.code_list == "district" and "名" in column.description:
        names = " ".join(f"when {_quoted(r['code'])} then {_quoted(r['name'])}" for r in load_code_list("district"))
        return f"case {name} {names} end"
    if column.logical_type in ("number", "integer"):
        if column.unit and column.unit.factor > 1:
            places = len(str(column.unit.factor)) - 1
            text = f"({name}::decimal(20, 2) * {1 / column.unit.factor:.{places}f})::varchar"
        else:
            text = f"{name}::varchar"
        return f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
    if column.logical_type == "date":
        return f"strftime({name}, {_quoted(_DATE_FORMATS[habit.dates])})"
    if column.logical_type == "timestamp":
        return f"strftime({name}, {_quoted(_MOMENT_FORMATS.get(habit.dates, _MOMENT_FORMATS['iso']))})"
    if column.logical_type == "boolean":
        return f"case {name} when true then '是' when false then '否' end"
    return f"{name}::varchar"
