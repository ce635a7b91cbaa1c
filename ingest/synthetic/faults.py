"""The faults that departments' files have, planted at the rates of `volumes.FAULT_RATES` and counted for the truth.

A row that must be refused is always an extra row: a copy of a good one under a key of its own, with one fault. So the
marts come to the same figures with and without the faults. What can be repaired is changed in place, since after the
repair the value is what it was. So is a code on no list where the contract keeps such codes: the row counts, and what was
sent, from which the truth is computed, has that code too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import duckdb

from ingest.feeds.loading import load_code_list
from ingest.feeds.model import Feed
from ingest.synthetic.declaring import CUT_OFF, SENT_TWICE, Fault
from ingest.synthetic.departments import FAULTS, HABITS
from ingest.synthetic.sending import cells_table, sent_table
from ingest.synthetic.volumes import FAULT_RATES

# the year of the row itself with a day that no February has, spelled as the feed spells dates
_IMPOSSIBLE = {
    "iso": "left({c}, 4) || '-02-30'",
    "slash": "split_part({c}, '/', 1) || '/2/30'",
    "compact": "left({c}, 4) || '0230'",
    "chinese": "left({c}, 4) || '年2月30日'",
    "dotted": "left({c}, 4) || '.2.30'",
}
KEPT = "kept_unknown"
REPAIRS = {
    "full_width": "FULLWIDTH_FOLDED",
    "lost_leading_zero": "ZERO_PADDED",
    "unit_word": "UNIT_CONVERTED",
    "retired_district": "DISTRICT_SUCCEEDED",
}


def faults_of(feed: Feed) -> tuple[Fault, ...]:
    """The faults declared for one feed; whether an unknown code is refused or kept is its contract's to say."""
    return tuple(_kept(fault) if is_kept(feed, fault) else fault for fault in FAULTS.get(feed.id, ()))


def is_kept(feed: Feed, fault: Fault) -> bool:
    """Whether a fault is a code on no list in a column that keeps such codes."""
    return fault.kind == "unknown_code" and feed.column(fault.column).keeps_unknown


def _kept(fault: Fault) -> Fault:
    return replace(fault, kind=KEPT, reason=None, where=f"{fault.column} is not null")


def kept_unknown(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Mapping[tuple[str, str], int]:
    """(column, code) → how many rows of a feed are loaded with a code that is on no list: planted, or the world's own."""
    found: dict[tuple[str, str], int] = {}
    for column in (c for c in feed.columns if c.keeps_unknown):
        listed = load_code_list(column.code_list) if column.code_list else []
        codes = [row["code"] for row in listed] or [code for _, code in column.codes]
        known = ", ".join(f"'{code}'" for code in codes)
        rows = connection.execute(f"""
            select code, count(*) from {cells_table(feed)} as cell
            join (select _stands, {column.name} as code from {sent_table(feed)}
                  where {column.name} not in ({known})) using (_stands)
            where reason is null and not coalesce(starts_with(fault, 'duplicate'), false)
            group by 1 order by 1
        """).fetchall()
        found |= {(column.name, code): count for code, count in rows}
    return found


def plant(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Plant every fault declared for one feed into its cells; at most one in a row."""
    in_cells = [f for f in faults_of(feed) if f.column]
    for fault in in_cells:
        if fault.reason is None:
            _change(connection, feed, fault)
    for fault in in_cells:
        if fault.reason is not None:
            _add(connection, feed, fault)
    if SENT_TWICE in faults_of(feed):
        _duplicate(connection, feed)


def is_cut_off(feed: Feed) -> bool:
    """Whether one file of this feed breaks off in the middle of a record."""
    return CUT_OFF in faults_of(feed)


def postpone_cut_off(connection: duckdb.DuckDBPyConnection, feed: Feed) -> date:
    """Send one day's rows of a feed a day later, since the file of that day will arrive cut off.

    Returns:
        The date of the file that is cut; its rows now belong to the file of the next day.
    """
    table = sent_table(feed)
    row = connection.execute(
        f"select max(file_date) from {table} where file_date < (select max(file_date) from {table})"
    ).fetchone()
    if row is None or row[0] is None:
        raise ValueError(f"{feed.id}: needs files of two dates to cut one off")
    cut: date = row[0]
    connection.execute(f"update {table} set file_date = ? where file_date = ?", [cut + timedelta(days=1), cut])
    return cut


def _value(feed: Feed, fault: Fault) -> str:
    impossible = _IMPOSSIBLE[HABITS[feed.id].dates].format(c=fault.column)
    return fault.value.format(c=fault.column, impossible=impossible)


def _many(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault) -> int:
    row = connection.execute(
        f"select count(*) from {cells_table(feed)} where fault is null and ({fault.where})"
    ).fetchone()
    rows = row[0] if row else 0
    if fault.rows is not None:
        return min(rows, fault.rows)
    return min(rows, max(1, round(rows * FAULT_RATES[fault.kind])))


def _chosen(feed: Feed, fault: Fault, count: int) -> str:
    return f"""
        select seq from {cells_table(feed)}
        where fault is null and ({fault.where})
        order by rnd(seq, '{feed.id}/{fault.kind}/{fault.column}'), seq limit {count}"""


def _change(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault) -> None:
    connection.execute(f"""
        update {cells_table(feed)} set {fault.column} = {_value(feed, fault)}, fault = '{fault.kind}'
        where seq in ({_chosen(feed, fault, _many(connection, feed, fault))})
    """)
    if fault.kind == KEPT:
        changed = f"select _stands from {cells_table(feed)} where fault = '{KEPT}' and {fault.column} = {fault.value}"
        connection.execute(f"update {sent_table(feed)} set {fault.column} = {fault.value} where _stands in ({changed})")


def _add(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault) -> None:
    key = feed.key[0]
    mark = f"'-F{faults_of(feed).index(fault)}-'"
    connection.execute(f"""
        insert into {cells_table(feed)}
        select * replace (
            {key} || {mark} || (row_number() over (order by seq))::varchar as {key},
            {_value(feed, fault)} as {fault.column},
            seq + 0.5 as seq,
            '{fault.kind}' as fault,
            '{fault.reason}' as reason
        )
        from {cells_table(feed)}
        where seq in ({_chosen(feed, fault, _many(connection, feed, fault))})
    """)


def _duplicate(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Send some rows twice, exactly: in the same file, and again in the feed's next file.

    Only rows whose key has a single version, so that the latest loaded version is the row itself.
    """
    table = cells_table(feed)
    last = f"(select max(file_date) from {table})"
    for kind, where, file_date, seq in (
        ("duplicate_in_file", "versions = 1", "file_date", "seq + 0.25"),
        (
            "duplicate_across_files",
            f"versions = 1 and file_date < {last}",
            f"(select min(n.file_date) from {table} as n where n.file_date > c.file_date)",
            "seq + 0.25",
        ),
    ):
        fault = Fault(kind, feed.key[0], where=where)
        connection.execute(f"""
            insert into {table}
            select * replace ({file_date} as file_date, {seq} as seq, '{kind}' as fault)
            from {table} as c
            where seq in ({_chosen(feed, fault, _many(connection, feed, fault))})
        """)
