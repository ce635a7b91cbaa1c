"""Every record is accounted for, from the ledger through the lake and the facts to the aggregates.

`quality.lake_files.verify_lake` compares the lake with the ledger, file by file, before dbt reads it; this goes on from there.

What reconciles with what is declared once, in `reconciled_tables`; the SQL is made from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from ingest.base.engine_limits import engine_limits
from ingest.base.home import Home
from ingest.base.sql import identifier, literal
from ingest.feeds.model import Feed
from ingest.storage.ledger_reads import read_batches
from ingest.storage.ledger_tables import Batch
from quality.outcome import COMPLETENESS, CONSISTENCY, OPERATOR, CheckResult, not_reconciled, reconciled
from quality.raw_suites import feed_source, feed_table
from quality.reconciled_tables import AGGREGATES, FACTS, RESTS, Aggregate, Fact, Rest

_ANALYST: Final = "jgt-analyst"


def reconcile(home: Home, feeds: Mapping[str, Feed], build_file: Path, run_id: str) -> list[CheckResult]:
    """All reconciliations of a run.

    Args:
        home: state folder, for the ledger and the lake.
        feeds: contracts by id.
        build_file: the DuckDB file dbt has written and closed.
        run_id: written into every result.

    Returns:
        One result a comparison; a comparison that cannot be made is an `error`, and blocks.
    """
    return [
        *reconcile_ledger(home, feeds, run_id),
        *reconcile_build(home, feeds, build_file, run_id),
    ]


def reconcile_ledger(home: Home, feeds: Mapping[str, Feed], run_id: str) -> list[CheckResult]:
    """received = loaded + refused + duplicate, for every file of every feed, and for files of no feed."""
    label_zh = "台账平衡：收到 = 入库 + 拒收 + 重复"
    try:
        batches = read_batches(home)
    except Exception as error:
        return [not_reconciled("ledger", "ledger", label_zh, error, run_id)]
    results = []
    for feed_id in sorted({b.feed or "（未知）" for b in batches}):
        own = [b for b in batches if (b.feed or "（未知）") == feed_id]
        wrong = [_imbalance(b) for b in own if not _balances(b)]
        feed = feeds.get(feed_id)
        results.append(
            reconciled(
                f"ledger.{feed_id}",
                feed_id,
                f"{feed.label if feed else feed_id}：{label_zh}",
                COMPLETENESS,
                wrong,
                len(own),
                "这是入库程序的差错；请保留现场并重放该文件",
                OPERATOR,
                run_id,
            )
        )
    return results


def _balances(batch: Batch) -> bool:
    refused_whole = batch.status == "loaded" or batch.loaded == 0
    return refused_whole and batch.received == batch.loaded + batch.refused + batch.duplicate


def _imbalance(batch: Batch) -> str:
    return f"{batch.file}：收到 {batch.received}，入库 {batch.loaded}，拒收 {batch.refused}，重复 {batch.duplicate}"


def reconcile_build(home: Home, feeds: Mapping[str, Feed], build_file: Path, run_id: str) -> list[CheckResult]:
    """Lake = staging = facts, and aggregates = facts, read from the build file."""
    if not build_file.is_file():
        missing = FileNotFoundError(f"构建文件 {build_file.name} 不存在")
        return [not_reconciled("build", "build", "构建文件可读", missing, run_id)]
    try:
        connection = duckdb.connect(str(build_file), read_only=True, config=dict(engine_limits().settings()))
    except duckdb.Error as error:
        return [not_reconciled("build", "build", "构建文件可读", error, run_id)]
    results = []
    with connection:
        for fact in FACTS:
            own = _feeds_of(fact, feeds)
            results.append(
                _compare(
                    f"staging.{fact.table}",
                    fact.staging,
                    f"{fact.staging}：每条入库记录都进入暂存层",
                    partial(_rows_lost, connection, home, own, fact.staging),
                    run_id,
                )
            )
            results.append(
                _compare(
                    f"fact.{fact.table}",
                    fact.table,
                    f"{fact.table}：每个主键恰有一行",
                    partial(_fact_difference, connection, home, fact, own),
                    run_id,
                )
            )
        results += [
            _compare(
                f"rest.{rest.table}",
                rest.table,
                f"{rest.table}：与它所依据的表行数相同",
                partial(_rest_difference, connection, rest),
                run_id,
            )
            for rest in RESTS
        ]
        for feed in _beside_the_facts(connection, feeds):
            staging = f"staging.stg_{feed_table(feed)}"
            results.append(
                _compare(
                    f"staging.{feed.id}",
                    staging,
                    f"{feed.label}：每条入库记录都进入暂存层",
                    partial(_rows_lost, connection, home, [feed], staging),
                    run_id,
                )
            )
        for aggregate in AGGREGATES:
            name = f"{aggregate.table}.{aggregate.measures[0][0]}"
            results.append(
                _compare(
                    f"aggregate.{name}",
                    aggregate.table,
                    f"{aggregate.table} 与 {aggregate.fact} 逐月逐区相符",
                    partial(_aggregate_difference, connection, aggregate),
                    run_id,
                )
            )
            results.append(
                _compare(
                    f"city.{name}",
                    aggregate.table,
                    f"{aggregate.table}：全市 = 各区之和 + 未分区事件",
                    partial(_city_difference, connection, aggregate),
                    run_id,
                )
            )
    return results


def _compare(
    check_id: str, subject: str, label_zh: str, find: Callable[[], tuple[list[str], int]], run_id: str
) -> CheckResult:
    try:
        wrong, of = find()
    except Exception as error:  # a missing table or column: the comparison was not made, and that blocks
        return not_reconciled(check_id, subject, label_zh, error, run_id)
    remedy = "请模型负责人比对两侧，找出丢失或多出的记录"
    return reconciled(check_id, subject, label_zh, CONSISTENCY, wrong, of, remedy, _ANALYST, run_id)


def _feeds_of(fact: Fact, feeds: Mapping[str, Feed]) -> list[Feed]:
    return [f for f in feeds.values() if fact.source in (f.subject, f.id)]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None  # count(*) always gives a row
    return int(row[0])


def _beside_the_facts(connection: duckdb.DuckDBPyConnection, feeds: Mapping[str, Feed]) -> list[Feed]:
    """Feeds with a staging model of their own that no fact stands for."""
    views = connection.execute("select view_name from duckdb_views() where schema_name = 'staging'").fetchall()
    staged = {name for (name,) in views}
    facts = {fact.source for fact in FACTS}
    return [f for f in feeds.values() if not facts & {f.id, f.subject} and f"stg_{feed_table(f)}" in staged]


def _rows_lost(
    connection: duckdb.DuckDBPyConnection, home: Home, own: list[Feed], staging: str
) -> tuple[list[str], int]:
    rows = sum(_count(connection, f"select count(*) from ({feed_source(home, f)})") for f in own)
    staged = _count(connection, f"select count(*) from {staging}")
    return ([] if rows == staged else [f"数据湖 {rows} 行，暂存层 {staged} 行"]), rows


def _fact_difference(
    connection: duckdb.DuckDBPyConnection, home: Home, fact: Fact, own: list[Feed]
) -> tuple[list[str], int]:
    keys = 0
    for feed in own:
        keys += _count(connection, f"select count(*) from ({_standing_keys(home, feed)})")
    rows = _count(connection, f"select count(*) from {fact.table} where {fact.where}")
    return ([] if keys == rows else [f"数据湖 {keys} 个主键，{fact.table} {rows} 行"]), keys


def _rest_difference(connection: duckdb.DuckDBPyConnection, rest: Rest) -> tuple[list[str], int]:
    wanted = _count(connection, rest.rests_on)
    rows = _count(connection, f"select count(*) from {rest.table}")
    return ([] if wanted == rows else [f"依据 {wanted} 行，{rest.table} {rows} 行"]), wanted


def _standing_keys(home: Home, feed: Feed) -> str:
    """Keys of a feed's lake rows, less those that the latest version of the row withdraws."""
    listed = ", ".join(identifier(k) for k in feed.key)
    if feed.withdrawn_when is None or feed.subject == "accident":  # 核销 marks an accident, never takes it away
        return f"select distinct {listed} from ({feed_source(home, feed)})"
    mark, version = identifier(feed.withdrawn_when.column), identifier(feed.version_column or "_received_on")
    values = ", ".join(literal(value) for value in feed.withdrawn_when.values)
    return (
        f"select {listed} from (select *, row_number() over (partition by {listed} order by {version} desc nulls last, "
        f"_batch_seq desc, _row desc) as place from ({feed_source(home, feed)})) "
        f"where place = 1 and coalesce(cast({mark} as varchar) not in ({values}), true)"
    )


def _aggregate_difference(connection: duckdb.DuckDBPyConnection, aggregate: Aggregate) -> tuple[list[str], int]:
    """Month × area × dimension: the fact added up here against what the aggregate says, both ways round."""
    measures = [m for m, _ in aggregate.measures]
    same = [identifier(s) for s in aggregate.same]
    sums = ", ".join(f"coalesce({expression}, 0) as {identifier(m)}" for m, expression in aggregate.measures)
    keys = ["month", "area_code", *same]
    window = (
        f" and {aggregate.month} >= (select min(month_start) from {aggregate.table})" if aggregate.is_window else ""
    )
    per_area = []
    for area, condition in (
        ("(select area_code from core.dim_district where area_level = 'city')", "true"),
        ("district_code", "district_code in (select area_code from core.dim_district where area_level = 'district')"),
        ("functional_zone_code", "functional_zone_code is not null"),
    ):
        if area == "functional_zone_code" and not _has_column(connection, aggregate.fact, area):
            continue
        inner = ", ".join([f"{aggregate.month} as month", f"{area} as area_code", "*"])
        source = f"select {inner} from {aggregate.fact} where ({aggregate.where}) and ({condition}){window}"
        per_area.append(f"select {', '.join(keys)}, {sums} from ({source}) as event group by {', '.join(keys)}")
    theirs = ", ".join(
        ["month_start as month", "area_code", *same, *(f"sum({identifier(m)}) as {identifier(m)}" for m in measures)]
    )
    grouped = ", ".join(["month_start", "area_code", *same])
    differs = " or ".join(f"coalesce(f.{identifier(m)}, 0) <> coalesce(a.{identifier(m)}, 0)" for m in measures)
    shown = ", ".join(f"f.{identifier(m)}, a.{identifier(m)}" for m in measures)
    query = (
        f"select month, area_code, {shown} from ({' union all '.join(per_area)}) as f "
        f"full join (select {theirs} from {aggregate.table} group by {grouped}) as a using ({', '.join(keys)}) where {differs} "
        "order by month, area_code"
    )
    rows = connection.execute(query).fetchall()
    wrong = [f"{r[0]:%Y-%m} {r[1]}：事实 {r[2] or 0}，汇总 {r[3] or 0}" for r in rows]
    return wrong, _count(connection, f"select count(*) from {aggregate.table}")


def _has_column(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    schema, name = table.split(".")
    found = connection.execute(
        "select 1 from information_schema.columns where table_schema = ? and table_name = ? and column_name = ?",
        [schema, name, column],
    ).fetchone()
    return found is not None


def _city_difference(connection: duckdb.DuckDBPyConnection, aggregate: Aggregate) -> tuple[list[str], int]:
    """Within the aggregate: city = sum of the additive districts + the fact's events outside them, month by month."""
    measure, expression = aggregate.measures[0]
    name = identifier(measure)
    query = f"""
        with level as (
            select
                month_start as month,
                coalesce(sum({name}) filter (where area_level = 'city'), 0) as city,
                coalesce(sum({name}) filter (where area_level = 'district'), 0) as districts
            from {aggregate.table}
            group by month_start
        ),
        outside as (
            select {aggregate.month} as month, coalesce({expression}, 0) as events
            from {aggregate.fact}
            where
                ({aggregate.where})
                and (
                    district_code is null
                    or district_code not in (select area_code from core.dim_district where area_level = 'district')
                )
            group by 1
        )
        select month, city, districts, coalesce(events, 0)
        from level
        left join outside using (month)
        order by month
    """
    rows = connection.execute(query).fetchall()
    wrong = [f"{m:%Y-%m}：全市 {c}，各区 {d}，未分区 {o}" for m, c, d, o in rows if c != d + o]
    return wrong, len(rows)
