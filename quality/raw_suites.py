"""The suite of a raw feed, built from its contract alone: adding a feed adds its checks.

What our own intake must have guaranteed (keys, required columns, code sets, ranges, lineage) blocks publishing when it
does not hold: the product is broken then. What only the department can mend (dates in the future, an empty delivery)
warns: one department's slip must not stop the whole city's numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ingest.base.home import Home
from ingest.base.sql import identifier
from ingest.feeds.loading import load_code_list
from ingest.feeds.model import Column, Feed
from ingest.storage.ledger_tables import Batch
from quality.check import Suite, SuiteBuilder
from quality.outcome import ACCURACY, COMPLETENESS, CONFORMITY, CONSISTENCY, CheckResult, check_result

PATTERNS: Final[dict[str, tuple[str, str]]] = {
    # GB 32100-2015: no I, O, S, V, Z. The check digit was judged at intake; here the shape guards what was stored.
    "gb32100": ("^[0-9A-HJ-NPQRTUWXY]{18}$", "18 位统一社会信用代码"),
    "gb11643": ("^[0-9]{17}[0-9X]$", "18 位公民身份号码"),
}
LINEAGE: Final = ("_batch_id", "_sheet", "_row")
REFUSED_SHARE_LIMIT: Final = 0.2  # of a feed's records; above it the steward should speak with the department
_MEND_INTAKE: Final = "入库环节本应拒收；请核对该批次后修正合同或读取程序，再运行 jgt run"


def feed_table(feed: Feed) -> str:
    """Name of a feed's table for the judge: `<department>__<feed>`, as in dbt's source."""
    return f"{feed.department}__{feed.name}"


def feed_source(home: Home, feed: Feed) -> str:
    """A SELECT over all accepted rows of a feed, typed even when nothing was delivered (`_schema.parquet`)."""
    pattern = str(home.lake / "raw" / feed.department / feed.name / "*.parquet").replace("'", "''")
    return f"select * from read_parquet('{pattern}', union_by_name = true)"


def raw_suite(feed: Feed, source: str | None = None) -> Suite:
    """The checks of one feed's accepted rows.

    Args:
        feed: its contract.
        source: SELECT that reads the rows; None when the judge finds the table by its name.
    """
    personal = {c.name for c in feed.columns if c.is_personal}
    shown = [k for k in feed.key if k not in personal] or ["_batch_id", "_row"]
    build = SuiteBuilder("raw", feed.id, feed_table(feed), shown, feed.owner)
    build.not_empty(f"{feed.label}：已送数据不为空", "warn", "请该部门核对所送文件，或补送")
    build.unique(LINEAGE, "lineage.unique", f"{feed.label}：每条记录只入库一次", "error", _MEND_INTAKE)
    build.unique(
        (*feed.key, "_batch_id", "_row_hash"),
        "content.unique",
        f"{feed.label}：同一文件内无重复记录",
        "error",
        _MEND_INTAKE,
    )
    for name in ("_batch_id", "_row", "_received_on"):
        build.not_null(name, f"{feed.label}：血缘列 {name} 齐全", "error", _MEND_INTAKE)
    for column in feed.columns:
        _column_checks(build, feed, column)
    for earlier, later in feed.date_orders:
        build.no_rows(
            f"{earlier}_before_{later}",
            later,
            build.rows_where(_later_is_earlier(feed.column(earlier), feed.column(later))),
            f"{feed.label}：{feed.column(earlier).label}不晚于{feed.column(later).label}",
            CONSISTENCY,
            "error",
            _MEND_INTAKE,
        )
    return build.build(source)


def _later_is_earlier(earlier: Column, later: Column) -> str:
    """A day has no hour: compared by day where either side is a day, as at intake."""
    names = [identifier(earlier.name), identifier(later.name)]
    if "date" in (earlier.logical_type, later.logical_type):
        names = [f"cast({n} as date)" for n in names]
    return f"{names[1]} < {names[0]}"


def _column_checks(build: SuiteBuilder, feed: Feed, column: Column) -> None:
    label = f"{feed.label}·{column.label}"
    name = identifier(column.name)
    if column.required or column.is_key:
        build.not_null(column.name, f"{label}：必填", "error", _MEND_INTAKE)
    allowed = allowed_values(column)
    if allowed:
        build.in_set(column.name, allowed, f"{label}：在代码表内", "error", _MEND_INTAKE)
    if column.minimum is not None or column.maximum is not None:
        build.between(column.name, column.minimum, column.maximum, f"{label}：在合理范围内", "error", _MEND_INTAKE)
    for rule in column.rules:
        if rule in PATTERNS:
            pattern, what = PATTERNS[rule]
            query = build.rows_where(f"{name} is not null and not regexp_matches({name}, '{pattern}')")
            build.no_rows(
                f"{column.name}.pattern", column.name, query, f"{label}：{what}", CONFORMITY, "error", _MEND_INTAKE
            )
    if column.width and column.logical_type == "string":  # intake pads what is too short and refuses nothing
        query = build.rows_where(f"length({name}) <> {column.width}")
        what, mend = f"{label}：{column.width} 位", "请该部门核对代码位数并更正重送"
        build.no_rows(f"{column.name}.width", column.name, query, what, CONFORMITY, "warn", mend)
    if column.logical_type in ("date", "timestamp") and not column.may_lie_ahead:
        query = build.rows_where(f"cast({name} as date) > _received_on")
        build.no_rows(
            f"{column.name}.not_ahead",
            column.name,
            query,
            f"{label}：不晚于报送日期",
            ACCURACY,
            "warn",
            "请该部门核对日期并更正重送",
        )


def allowed_values(column: Column) -> tuple[str, ...]:
    """The stored codes a column may hold; empty when anything goes, also where what is unknown is kept.

    A retired code was already succeeded at intake.
    """
    if column.keeps_unknown:
        return ()
    if column.codes:
        return tuple(dict.fromkeys(code for _, code in column.codes))
    if column.code_list:
        rows = load_code_list(column.code_list)
        return tuple(r["code"] for r in rows if not r.get("successor_code"))
    return ()


def delivered_feeds(feeds: Mapping[str, Feed], batches: Sequence[Batch]) -> list[Feed]:
    """Feeds of which at least one file was accepted, in contract order. The others have nothing to judge."""
    delivered = {b.feed for b in batches if b.status == "loaded"}
    return [f for f in feeds.values() if f.id in delivered]


def refused_share(
    feeds: Mapping[str, Feed], batches: Sequence[Batch], run_id: str, limit: float = REFUSED_SHARE_LIMIT
) -> list[CheckResult]:
    """One warning check a delivered feed: the share of its records that was refused stays under the limit."""
    results = []
    for feed in feeds.values():
        own = [b for b in batches if b.feed == feed.id]
        if not own:
            continue
        received, refused = sum(b.received for b in own), sum(b.refused for b in own)
        share = refused / received if received else 0.0
        fine = share <= limit
        observed = f"拒收 {refused} / 收到 {received}（{share:.1%}）"
        message = "" if fine else f"{feed.label}：{observed}，超过 {limit:.0%}；请把拒收清单退回 {feed.owner} 更正"
        results.append(
            check_result(
                f"raw.{feed.id}.refused_share",
                layer="raw",
                subject=feed.id,
                column=None,
                expectation=f"refused_share <= {limit}",
                label_zh=f"{feed.label}：拒收比例不超过 {limit:.0%}",
                dimension=COMPLETENESS,
                outcome="pass" if fine else "fail",
                severity="warn",
                observed=observed,
                unexpected_count=refused,
                element_count=received,
                message=message,
                owner=feed.owner,
                run_id=run_id,
            )
        )
    return results
