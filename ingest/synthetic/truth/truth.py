"""`truth.json`: what was planted, what every file must come to, what the marts must come to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from ingest.feeds.loading import subject_map
from ingest.feeds.model import Feed
from ingest.synthetic.faults import REPAIRS, kept_unknown
from ingest.synthetic.forms import Written
from ingest.synthetic.sending import cells_table, sent_table

_SQL = tuple(
    Path(__file__).parent / name for name in ("marts.sql", "credit.sql", "lists.sql", "codes.sql", "register.sql")
)
_ROW_COUNTS = {
    "core.dim_enterprise": "select count(*) from t_enterprise",
    "accident.fct_accident": "select count(*) from t_accident",
    "accident.fct_corrective_measure": "select count(distinct measure_id) from s_yjgl__corrective_measure",
    "inspection.fct_inspection": "select count(*) from t_inspection",
    "inspection.fct_hazard": "select count(*) from t_hazard",
    "inspection.fct_penalty": "select count(*) from t_penalty",
    "inspection.fct_case": "select count(*) from t_penalty",
    "inspection.fct_tip": "select count(*) from t_tip",
    "inspection.fct_work_order": "select count(*) from t_work_order",
    "credit.fct_credit_list": "select (select count(*) from t_listing, t_measured where listed_on <= measured_on)"
    " + (select count(*) from t_person_listing, t_measured where listed_on <= measured_on)",
    "credit.fct_credit_repair": "select (select count(*) from t_repair, t_measured where applied_on <= measured_on)"
    " + (select count(*) from t_person_repair, t_measured where applied_on <= measured_on)",
    "credit.fct_credit_publicity": "select count(*) from t_penalty, t_measured where decided_on <= measured_on",
    "insurance.fct_policy": "select count(*) from t_policy",
    "insurance.fct_claim": "select count(distinct claim_no) from s_jrjg__claim",
    "insurance.fct_service": "select count(distinct service_id) from s_jrjg__prevention_service",
    "insurance.fct_policy_share": "select count(*) from t_share",
    "insurance.rpt_policy_share_issue": "select count(*) from t_share where share_percent = 100",
    "insurance.fct_disaster_payment": "select count(distinct payment_no) from s_jrjg__disaster_payment",
}
_UNITED = ("inspection", "hazard", "penalty")  # subjects whose marts take in every feed that maps to them
_NAMED = set(
    re.findall(r"\bs_[a-z]+__[a-z_]+", " ".join((*(path.read_text("utf-8") for path in _SQL), *_ROW_COUNTS.values())))
)


def sent_tables(feeds: Iterable[Feed]) -> set[str]:
    """Names of the sent tables that the marts' truth is computed from."""
    return _NAMED | {sent_table(feed) for feed in feeds if feed.subject in _UNITED}


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


@dataclass(frozen=True)
class FeedTruth:
    """What must become of one feed: its files, its refused rows by reason, the faults planted in it."""

    feed: str
    files: tuple[FileTruth, ...]
    refused_by_reason: Mapping[str, int]
    faults: Mapping[str, int]
    kept_unknown: Mapping[tuple[str, str], int]  # (column, code) → rows that were loaded with it

    def ledger_row(self) -> dict[str, Any]:
        """Received, loaded, refused, duplicate over all files, and the refused by reason."""
        totals = {n: sum(getattr(f, n) for f in self.files) for n in ("received", "loaded", "refused", "duplicate")}
        return {"feed": self.feed, **totals, "refused_by_reason": dict(self.refused_by_reason)}

    def repairs(self) -> dict[str, int]:
        """Rows that must be repaired, by kind of change."""
        return {REPAIRS[kind]: count for kind, count in self.faults.items() if kind in REPAIRS}


def of_feed(connection: duckdb.DuckDBPyConnection, feed: Feed, files: Sequence[Written], landing: Path) -> FeedTruth:
    """The truth of one feed, from its cells as planted.

    Args:
        connection: holds the feed's cells.
        feed: its contract.
        files: what was written of it.
        landing: the folder that paths in the truth are relative to.

    Raises:
        AssertionError: a file was written with other records than the cells say.
    """
    cells = cells_table(feed)
    counted = {
        (day, part): counts
        for day, part, *counts in connection.execute(f"""
            select file_date, part, count(*), count(reason), count(*) filter (where starts_with(fault, 'duplicate'))
            from {cells} group by file_date, part
        """).fetchall()
    }
    truths = []
    for file in files:
        path = file.path.relative_to(landing).as_posix()
        if file.refused_as is not None:
            truths.append(FileTruth(path, feed.id, "refused", file.refused_as, file.records, 0, file.records, 0))
            continue
        received, refused, duplicate = counted[file.day, file.part]
        if received != file.records:
            raise AssertionError(f"{path}: wrote {file.records} records of {received}")
        loaded = received - refused - duplicate
        truths.append(FileTruth(path, feed.id, "loaded", None, received, loaded, refused, duplicate))
    reasons = _counts(connection, f"select reason, count(*) from {cells} where reason is not null group by 1")
    planted = _counts(connection, f"select fault, count(*) from {cells} where fault is not null group by 1")
    for truth in truths:
        if truth.reason is not None:
            if truth.refused:  # nobody can tell how many rows a file had that cannot be opened
                reasons[truth.reason] = reasons.get(truth.reason, 0) + truth.refused
            kind = "damaged_file" if truth.received == 0 else "truncated_file"
            planted[kind] = planted.get(kind, 0) + 1
    key = ", ".join(feed.key)
    planted |= _counts(
        connection, f"select 'late_correction', count(*) - count(distinct ({key})) from {sent_table(feed)}"
    )
    return FeedTruth(feed.id, tuple(truths), reasons, planted, kept_unknown(connection, feed))


_IDENTITY = ("uscc", "registration_no", "organization_code", "enterprise_name", "address", "district_code")


def note_identities(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Keep whom the rows of a feed mean whose world knows it (`true_entity_id`), by what the rows say of them."""
    listed = ", ".join(f"{name} varchar" for name in _IDENTITY)
    connection.execute(
        f"create table if not exists truth_identity (feed varchar, {listed}, true_entity_id varchar, records bigint)"
    )
    sent = {row[0] for row in connection.execute(f"describe {sent_table(feed)}").fetchall()}
    if "true_entity_id" not in sent:
        return
    columns = {c.maps_to or c.name: c.name for c in feed.columns}
    said = [columns.get(name, "cast(null as varchar)") for name in _IDENTITY]
    connection.execute(
        f"insert into truth_identity select '{feed.id}', {', '.join(said)}, true_entity_id, count(*) "
        f"from {sent_table(feed)} group by all"
    )


def note_self_checks(connection: duckdb.DuckDBPyConnection, feed: Feed) -> None:
    """Keep of six million self-checks the few columns that the regulator's finds are compared with."""
    if feed.id == "yjgl.self_check":
        connection.execute(f"""
            create table k_self_check as
            select uscc, checked_on, hazards_found from {sent_table(feed)} where uscc is not null
            qualify row_number() over (partition by check_id order by updated_at desc) = 1
        """)


def write_identities(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write what `note_identities` kept; nobody meant (a street, a school without registration) is NULL."""
    order = ", ".join(f"{name} nulls first" for name in ("feed", *_IDENTITY, "true_entity_id"))
    connection.execute(f"copy (from truth_identity order by {order}) to '{path}' (format parquet, compression zstd)")


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return dict(connection.execute(f"{query} order by 1").fetchall())


def document(head: Mapping[str, Any], feeds: Sequence[FeedTruth], marts: Mapping[str, Any]) -> dict[str, Any]:
    """The whole truth, in the order it is written."""
    planted: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    for feed in feeds:
        planted.update(feed.faults)
        repairs.update(feed.repairs())
    return {
        **head,
        "faults": dict(sorted(planted.items())),
        "repairs": dict(sorted(repairs.items())),
        "repairs_by_feed": [
            {"feed": feed.feed, "change_kind": kind, "rows": rows}
            for feed in feeds
            for kind, rows in feed.repairs().items()
        ],
        "kept_unknown": [
            {"feed": feed.feed, "column": column, "code": code, "rows": rows}
            for feed in feeds
            for (column, code), rows in feed.kept_unknown.items()
        ],
        "ledger": [feed.ledger_row() for feed in feeds],
        "marts": dict(marts),
        "files": [asdict(file) for feed in feeds for file in feed.files],
    }


def _unite(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed]) -> None:
    """Make `u_<subject>` of each united subject and `t_sender`: which department sends which of them."""
    for subject in _UNITED:
        parts = []
        for feed in (f for f in feeds if f.subject == subject):
            columns = [f"{own} as {name}" for name, own in subject_map(feed).items()]
            columns += [f"'{value}' as {name}" for name, value in feed.subject_constants]
            parts.append(f"select '{feed.department}' as department_code, {', '.join(columns)} from {sent_table(feed)}")
        connection.execute(f"create view u_{subject} as {' union all by name '.join(parts)}")
    senders = {f.department: {g.subject for g in feeds if g.department == f.department} for f in feeds}
    rows = ", ".join(
        f"('{department}', {', '.join(str(s in subjects).lower() for s in _UNITED)})"
        for department, subjects in senders.items()
        if subjects & {*_UNITED}
    )
    names = ", ".join(f"sends_{subject}" for subject in _UNITED)
    connection.execute(f"create table t_sender as select * from (values {rows}) as t(department_code, {names})")


def marts(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed]) -> dict[str, Any]:
    """What the marts must come to, from the rows sent, by SQL of our own (`truth*.sql`)."""
    _unite(connection, feeds)
    for path in _SQL:
        connection.execute(path.read_text("utf-8"))
    result: dict[str, Any] = {}
    for name, table, keys in (
        ("accident_month", "truth_accident", 3),
        ("accident_type", "truth_accident_type", 1),
        ("hazard_level", "truth_hazard_level", 1),
        ("inspection_month", "truth_inspection", 3),
        ("insurance_month", "truth_insurance", 2),
        ("insurance_insurer", "truth_insurer", 1),
        ("insurance_earned", "truth_earned", 1),
        ("disaster_event", "truth_disaster", 1),
        ("credit_last_month", "truth_credit", 3),
        ("credit_events_counting", "truth_credit_events", 1),
        ("credit_lists", "truth_credit_list", 2),
        ("unreported_records", "truth_unreported", 2),
        ("displays_overdue", "truth_display", 2),
        ("understated_accidents", "truth_understated", 1),
        ("road_traffic_years", "truth_road_rate", 1),
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
            count(*) filter (where is_private_vehicle),
            count(*) filter (where is_too_slight),
            count(*) filter (where not is_statistical)
        from t_accident
    """).fetchone()
    if row is None:
        raise AssertionError("an aggregate gives one row")
    result["accidents_excluded"] = dict(
        zip(
            ("written_off", "not_production_related", "not_operating_vehicle", "below_threshold", "not_statistical"),
            row,
            strict=True,
        )
    )
    result["signals"] = _one(
        connection,
        "select * from (select count(*) as tips, count(*) filter (closed_on <= day) as tips_closed, "
        "count(*) filter (is_verified) as tips_verified, "
        "count(*) filter (coalesce(closed_on > day, true) and due_on < day) as tips_overdue, "
        "coalesce(sum(reward_yuan), 0)::double as reward_yuan "
        "from (select *, getvariable('as_of') as day from t_tip)), "
        "(select count(*) as orders, count(*) filter (closed_at::date <= day) as orders_closed, "
        "count(*) filter (coalesce(closed_at::date > day, true) and due_at::date < day) as orders_overdue "
        "from (select *, getvariable('as_of') as day from t_work_order))",
    )
    result["register"] = _one(connection, "select * from truth_register")
    result["enforcement"] = _one(connection, "select * from truth_enforcement")
    for name in ("off_system", "self_check_gap"):
        rows = connection.execute(f"select * from truth_{name} order by all").fetchall()
        result[name] = [list(row) for row in rows]
    counts = {name: connection.execute(query).fetchone() for name, query in _ROW_COUNTS.items()}
    result["row_counts"] = {name: count[0] for name, count in counts.items() if count}
    return result


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return dict(zip(names, cursor.fetchall()[0], strict=True))
