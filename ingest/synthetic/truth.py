"""`truth.json`: what was planted, what every file must come to, what the marts must come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.contract import Feed
from ingest.synthetic.faults import REPAIRS
from ingest.synthetic.sending import cells_table, sent_table

_SQL = Path(__file__).parent / "truth.sql"
_ROW_COUNTS = {
    "core.dim_enterprise": "select count(*) from t_enterprise",
    "accident.fct_accident": "select count(*) from t_accident",
    "inspection.fct_inspection": "select count(*) from t_inspection",
    "inspection.fct_hazard": "select count(*) from t_hazard",
    "inspection.fct_penalty": "select count(*) from t_penalty",
    "insurance.fct_policy": "select count(*) from t_policy",
    "insurance.fct_claim": "select count(distinct claim_no) from s_jrjg__claim",
    "insurance.fct_service": "select count(distinct service_id) from s_jrjg__prevention_service",
}


@dataclass(frozen=True)
class FileTruth:
    """What must become of one file."""

    path: str
    feed: str
    status: str
    reason: str | None
    received: int
    loaded: int
    refused: int
    duplicate: int


def file_truth(
    connection: duckdb.DuckDBPyConnection, feed: Feed, files: Sequence[tuple[str, date, int]], cut_on: date | None
) -> list[FileTruth]:
    """Truth of each file of a feed; `files` are (path, date, records written)."""
    counted = {
        day: (received, refused, duplicate)
        for day, received, refused, duplicate in connection.execute(f"""
            select file_date, count(*), count(reason), count(*) filter (where starts_with(fault, 'duplicate'))
            from {cells_table(feed)} group by file_date
        """).fetchall()
    }
    truths = []
    for path, day, records in files:
        if day == cut_on:
            truths.append(FileTruth(path, feed.id, "refused", "FILE_TRUNCATED", records, 0, records, 0))
            continue
        received, refused, duplicate = counted[day]
        if received != records:
            raise AssertionError(f"{path}: wrote {records} records of {received}")
        loaded = received - refused - duplicate
        truths.append(FileTruth(path, feed.id, "loaded", None, received, loaded, refused, duplicate))
    return truths


def ledger(
    connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed], files: Sequence[FileTruth]
) -> list[dict[str, Any]]:
    """Per feed: received, loaded, refused, duplicate, and the refused rows by reason."""
    rows = []
    for feed in feeds.values():
        own = [f for f in files if f.feed == feed.id]
        reasons = dict(
            connection.execute(
                f"select reason, count(*) from {cells_table(feed)} where reason is not null group by reason order by reason"
            ).fetchall()
        )
        for refused in (f for f in own if f.reason):
            reasons[str(refused.reason)] = reasons.get(str(refused.reason), 0) + refused.refused
        totals = {name: sum(getattr(f, name) for f in own) for name in ("received", "loaded", "refused", "duplicate")}
        rows.append({"feed": feed.id, **totals, "refused_by_reason": reasons})
    return rows


def faults(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed]) -> tuple[dict[str, int], dict[str, int]]:
    """Planted faults by kind over all feeds, and the repairs that they must lead to by kind of change."""
    planted: dict[str, int] = {"truncated_file": 1, "late_correction": 0}
    for feed in feeds.values():
        for kind, count in connection.execute(
            f"select fault, count(*) from {cells_table(feed)} where fault is not null group by fault order by fault"
        ).fetchall():
            planted[kind] = planted.get(kind, 0) + count
        key = ", ".join(feed.key)
        corrections = connection.execute(
            f"select count(*) - count(distinct ({key})) from {sent_table(feed)}"
        ).fetchone()
        planted["late_correction"] += corrections[0] if corrections else 0
    repairs = {change: planted.get(kind, 0) for kind, change in REPAIRS.items()}
    return dict(sorted(planted.items())), repairs


def repairs_by_feed(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed]) -> list[dict[str, Any]]:
    """Repaired cells per feed and kind of change."""
    rows = []
    for feed in feeds.values():
        for kind, count in connection.execute(
            f"select fault, count(*) from {cells_table(feed)} where fault is not null and reason is null group by 1 order by 1"
        ).fetchall():
            if kind in REPAIRS:
                rows.append({"feed": feed.id, "change_kind": REPAIRS[kind], "rows": count})
    return rows


def marts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the marts must come to, from the rows sent, by SQL of our own (`truth.sql`)."""
    connection.execute(_SQL.read_text("utf-8"))
    result: dict[str, Any] = {}
    for name, table, keys in (
        ("accident_month", "truth_accident", 3),
        ("inspection_month", "truth_inspection", 3),
        ("insurance_month", "truth_insurance", 2),
        ("credit_last_month", "truth_credit", 3),
    ):
        order = ", ".join(str(n + 1) for n in range(keys))
        cursor = connection.execute(f"select * from {table} order by {order}")
        names = [d[0] for d in cursor.description or []]
        result[name] = [
            {n: v.isoformat() if isinstance(v, date) else v for n, v in zip(names, row, strict=True)}
            for row in cursor.fetchall()
        ]
    row = connection.execute("""
        select
            count(*) filter (where record_status = 'written_off'),
            count(*) filter (where not is_production_related),
            count(*) filter (where not is_statistical)
        from t_accident
    """).fetchone()
    if row is None:
        raise AssertionError("an aggregate gives one row")
    result["accidents_excluded"] = dict(
        zip(("written_off", "not_production_related", "not_statistical"), row, strict=True)
    )
    counts = {name: connection.execute(query).fetchone() for name, query in _ROW_COUNTS.items()}
    result["row_counts"] = {name: count[0] for name, count in counts.items() if count}
    return result


def as_document(
    head: Mapping[str, Any],
    files: Sequence[FileTruth],
    parts: Mapping[str, Any],
) -> dict[str, Any]:
    """The whole truth in the order it is written."""
    return {**head, **parts, "files": [asdict(f) for f in files]}
