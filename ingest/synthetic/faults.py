"""The faults that departments' files have, planted at the rates of `volumes.FAULT_RATES` and counted for the truth.

A row that must be refused is always an extra row: a copy of a good one under a key of its own, with one fault. So the
marts come to the same figures with and without the faults. What can be repaired is changed in place, since after the
repair the value is what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from ingest.contract import Feed
from ingest.synthetic.sending import cells_table, sent_table
from ingest.synthetic.volumes import FAULT_RATES

_FULL_WIDTH = "translate({c}, '0123456789', '０１２３４５６７８９')"
_WRONG_CHECK = (
    "case when rnd({c}, 'wrong how') < 0.3 then left({c}, 8) || replace(substr({c}, 9), '0', 'O')"
    " else left({c}, 17) end || case when rnd({c}, 'wrong how') < 0.3 and contains(substr({c}, 9), '0') then ''"
    " when right({c}, 1) = '0' then '1' else '0' end"
)
# the year of the row itself with a day that no February has, spelled as the feed spells dates
_IMPOSSIBLE = {
    "iso": "left({c}, 4) || '-02-30'",
    "slash": "split_part({c}, '/', 1) || '/2/30'",
    "compact": "left({c}, 4) || '0230'",
    "chinese": "left({c}, 4) || '年2月30日'",
}
_TEN_YEARS_EARLIER = "(left({c}, 3)::int - 1)::varchar || substr({c}, 4)"


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column of one feed."""

    feed: str
    kind: str
    column: str
    value: str  # SQL for the faulty text; {c} is the column
    reason: str | None = None  # the code a refusal must carry; None: repaired and loaded
    where: str = "true"  # which rows can have it


def _refused(kind: str, reason: str, value: str, places: Mapping[str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(feed, kind, column, value, reason) for feed, column in places.items())


FAULTS: tuple[Fault, ...] = (
    *(
        Fault(feed, "bad_uscc", "uscc", _WRONG_CHECK, "USCC_CHECK", "uscc is not null")
        for feed in (
            *("scjg.enterprise", "yjgl.inspection", "yjgl.hazard", "yjgl.penalty", "xfjy.fire_inspection"),
            *("jrjg.policy", "jrjg.prevention_service", "fgw.credit_list", "yjgl.standardization"),
        )
    ),
    Fault("scjg.enterprise", "impossible_date", "established_on", _IMPOSSIBLE["iso"], "DATE_INVALID"),
    Fault("yjgl.inspection", "impossible_date", "inspected_on", _IMPOSSIBLE["iso"], "DATE_INVALID"),
    Fault("yjgl.hazard", "impossible_date", "deadline_on", _IMPOSSIBLE["iso"], "DATE_INVALID"),
    Fault("yjgl.penalty", "impossible_date", "filed_on", _IMPOSSIBLE["chinese"], "DATE_INVALID"),
    Fault("jrjg.policy", "impossible_date", "signed_on", _IMPOSSIBLE["slash"], "DATE_INVALID"),
    Fault("jrjg.claim", "impossible_date", "reported_on", _IMPOSSIBLE["compact"], "DATE_INVALID"),
    Fault("xfjy.fire_inspection", "impossible_date", "checked_on", _IMPOSSIBLE["iso"], "DATE_INVALID"),
    *_refused(
        "required_missing",
        "REQUIRED_MISSING",
        "cast(null as varchar)",
        {
            "yjgl.inspection": "enterprise_name",
            "yjgl.hazard": "level",
            "jrjg.policy": "insurer",
            "xfjy.fire_inspection": "district_code",
            "gaj.road_accident": "vehicle_kind",
            "yjgl.key_supervision_list": "listed_on",
            "fgw.credit_repair": "uscc",
        },
    ),
    *_refused("unknown_code", "CODE_UNKNOWN", "'夜间突击'", {"yjgl.inspection": "inspection_kind"}),
    *_refused("unknown_code", "CODE_UNKNOWN", "'320199'", {"yjgl.hazard": "district_code"}),
    *_refused("unknown_code", "CODE_UNKNOWN", "'浦东新区'", {"xfjy.fire_inspection": "district_code"}),
    *_refused("unknown_code", "CODE_UNKNOWN", "'35'", {"yjgl.accident": "accident_type_code"}),
    *_refused("unknown_code", "CODE_UNKNOWN", "'安全回访'", {"jrjg.prevention_service": "service_kind"}),
    Fault("yjgl.hazard", "date_order", "deadline_on", _TEN_YEARS_EARLIER, "DATE_ORDER"),
    Fault(
        *("yjgl.penalty", "date_order", "decided_on", _TEN_YEARS_EARLIER, "DATE_ORDER"),
        "decided_on is not null",
    ),
    Fault("jrjg.policy", "date_order", "end_on", _TEN_YEARS_EARLIER, "DATE_ORDER"),
    Fault(
        *("jrjg.claim", "date_order", "settled_on", _TEN_YEARS_EARLIER, "DATE_ORDER"),
        "settled_on is not null",
    ),
    *_refused("not_a_number", "NUMBER_INVALID", "'若干'", {"yjgl.inspection": "hazards_found"}),
    *_refused("not_a_number", "NUMBER_INVALID", "'待定'", {"jrjg.policy": "premium_received_yuan"}),
    *_refused("negative_number", "RANGE", "'-1'", {"jrjg.prevention_service": "hazards_found"}),
    *_refused("negative_number", "RANGE", "'-2'", {"xfjy.fire_inspection": "fire_hazards_found"}),
    # an unquoted comma inside a value makes one field too many (see files.py)
    Fault("yjgl.penalty", "extra_field", "legal_basis", "{c}", "FIELD_COUNT", "legal_basis is not null"),
    Fault("yjgl.accident", "full_width", "deaths", _FULL_WIDTH),
    Fault("yjgl.inspection", "full_width", "uscc", _FULL_WIDTH, None, "uscc is not null"),
    Fault("yjgl.hazard", "full_width", "street_code", _FULL_WIDTH, None, "street_code is not null"),
    Fault("xfjy.fire_inspection", "full_width", "fire_hazards_found", _FULL_WIDTH),
    Fault("jrjg.policy", "full_width", "insured_persons", _FULL_WIDTH),
    Fault("fgw.credit_list", "full_width", "uscc", _FULL_WIDTH),
    Fault(
        *("scjg.enterprise", "lost_leading_zero", "industry_code", "ltrim({c}, '0')", None),
        "industry_code like '0%'",
    ),
    Fault(
        *("yjgl.accident", "lost_leading_zero", "accident_type_code", "ltrim({c}, '0')", None),
        "accident_type_code like '0%'",
    ),
    Fault(
        *("yjgl.penalty", "unit_word", "fine_yuan"),
        "rtrim(rtrim(({c}::decimal(18, 2) * 0.0001)::varchar, '0'), '.') || '万元'",
        None,
        "fine_yuan is not null",
    ),
    Fault(
        *("jrjg.policy", "unit_word", "premium_signed_yuan"),
        "rtrim(rtrim(({c}::decimal(18, 2) * 0.0001)::varchar, '0'), '.') || '万元'",
    ),
    *(
        Fault(
            *(feed, "retired_district", "district_code"),
            "case {c} when '320104' then '320103' when '320106' then '320107' when '320117' then '320124' else '320125' end",
            None,
            "district_code in ('320104', '320106', '320117', '320118')",
        )
        for feed in ("scjg.enterprise", "yjgl.inspection", "yjgl.penalty", "gaj.road_accident")
    ),
)
DUPLICATED = (
    *("scjg.enterprise", "yjgl.inspection", "yjgl.hazard", "yjgl.accident_casualty", "xfjy.fire_inspection"),
    *("jrjg.policy", "jrjg.prevention_service", "fgw.credit_repair", "yjgl.standardization"),
)
UNCLOSED_QUOTE_FEED = "yjgl.inspection"
TRUNCATED_FEED = "yjgl.hazard"
REPAIRS = {
    "full_width": "FULLWIDTH_FOLDED",
    "lost_leading_zero": "ZERO_PADDED",
    "unit_word": "UNIT_CONVERTED",
    "retired_district": "DISTRICT_SUCCEEDED",
}


def plant(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Plant every fault declared for one feed into its cells; at most one in a row."""
    for fault in FAULTS:
        if fault.feed == feed.id and fault.reason is None:
            _change(connection, feed, fault)
    for fault in FAULTS:
        if fault.feed == feed.id and fault.reason is not None:
            _add(connection, feed, fault, _many(connection, feed, fault))
    if feed.id == UNCLOSED_QUOTE_FEED:
        _add(connection, feed, Fault(feed.id, "unclosed_quote", "enterprise_name", "{c}", "UNCLOSED_QUOTE"), 1)
    if feed.id in DUPLICATED:
        _duplicate(connection, feed)


def postpone_truncated(connection: duckdb.DuckDBPyConnection, feed: Feed) -> date:
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


def _many(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault) -> int:
    row = connection.execute(
        f"select count(*) from {cells_table(feed)} where fault is null and ({fault.where})"
    ).fetchone()
    rows = row[0] if row else 0
    return min(rows, max(1, round(rows * FAULT_RATES[fault.kind])))


def _chosen(feed: Feed, fault: Fault, count: int) -> str:
    key = " || ".join(f"{k}" for k in feed.key)
    return f"""
        select seq from {cells_table(feed)}
        where fault is null and ({fault.where})
        order by rnd({key} || '/' || seq::varchar, '{fault.kind}/{fault.column}'), seq limit {count}"""


def _change(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault) -> None:
    connection.execute(f"""
        update {cells_table(feed)} set {fault.column} = {fault.value.format(c=fault.column)}, fault = '{fault.kind}'
        where seq in ({_chosen(feed, fault, _many(connection, feed, fault))})
    """)


def _add(connection: duckdb.DuckDBPyConnection, feed: Feed, fault: Fault, count: int) -> None:
    key = feed.key[0]
    mark = f"'-{fault.kind[0].upper()}{fault.column[0].upper()}'"
    connection.execute(f"""
        insert into {cells_table(feed)}
        select * replace (
            {key} || {mark} || (row_number() over (order by seq))::varchar as {key},
            {fault.value.format(c=fault.column)} as {fault.column},
            seq + 0.5 as seq,
            '{fault.kind}' as fault,
            '{fault.reason}' as reason
        )
        from {cells_table(feed)}
        where seq in ({_chosen(feed, fault, count)})
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
        fault = Fault(feed.id, kind, feed.key[0], "{c}", None, where)
        connection.execute(f"""
            insert into {table}
            select * replace ({file_date} as file_date, {seq} as seq, '{kind}' as fault)
            from {table} as c
            where seq in ({_chosen(feed, fault, _many(connection, feed, fault))})
        """)
