"""A warehouse of two marts that is built in a blink: what the tests of gate and publishing stand on."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.base.home import Home
from ingest.feeds.model import Column, Feed
from ingest.storage.ledger import Ledger
from quality.outcome import CheckResult

AS_OF = date(2026, 11, 20)


def small_feed() -> Feed:
    """Hazards with a key, a required column, a code set, a range, a USCC and two dates in order."""
    columns = (
        Column("hazard_id", "隐患编号", "string", "VARCHAR", required=True, is_key=True),
        Column("uscc", "统一社会信用代码", "string", "VARCHAR", rules=("gb32100",)),
        Column("level", "隐患级别", "string", "VARCHAR", required=True, codes=(("一般", "general"), ("重大", "major"))),
        Column("found_on", "发现日期", "date", "DATE", required=True),
        Column("deadline_on", "整改期限", "date", "DATE", may_lie_ahead=True),
        Column("persons", "涉及人数", "integer", "BIGINT", minimum=0, maximum=100),
        Column("inspector_name", "检查人", "string", "VARCHAR", is_personal=True),
    )
    return Feed(
        id="yjgl.hazard",
        label="隐患",
        version="1.0.0",
        department="yjgl",
        name="hazard",
        file_pattern="隐患_*.csv",
        format="csv",
        encoding=None,
        delimiter=",",
        columns=columns,
        subject="hazard",
        subject_constants=(),
        version_column=None,
        date_orders=(("found_on", "deadline_on"),),
        grain="一条隐患一行",
        purpose="",
        owner="yjgl-data",
        frequency_days=1,
        latency_hours=26,
    )


GOOD_ROWS = (
    ("H1", "91320102MA1WXYK12A", "general", "2026-11-01", "2026-11-10", 3),
    ("H2", None, "major", "2026-11-02", "2026-12-31", 0),
    ("H3", "91320102MA1WXYK12A", "general", "2026-11-20", None, 100),
)


def deliver(home: Home, rows: tuple[tuple[Any, ...], ...] = GOOD_ROWS, number: int = 1, **ledger: Any) -> Path:
    """Put one accepted batch of the small feed into the lake and on the ledger; `ledger` overrides what it says."""
    folder = home.lake / "raw" / "yjgl" / "hazard"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"b{number}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "create table t (hazard_id varchar, uscc varchar, level varchar, found_on date, deadline_on date, "
            "persons bigint, inspector_name varchar, _batch_id varchar, _batch_seq bigint, _file varchar, "
            "_sheet varchar, _row bigint, _row_hash ubigint, _received_on date)"
        )
        for index, row in enumerate(rows):
            lineage = [f"b{number}", number, f"f{number}.csv", "", index + 2, index, AS_OF]
            connection.execute("insert into t values (?,?,?,?,?,?,'张三',?,?,?,?,?,?,?)", [*row, *lineage])
        connection.execute(f"copy t to '{path}' (format parquet)")
    values: dict[str, Any] = {
        "batch_id": f"b{number}",
        "batch_seq": number,
        "feed": "yjgl.hazard",
        "department": "yjgl",
        "file": f"yjgl/hazard/f{number}.csv",
        "sha256": f"file-{number}",
        "bytes": 10,
        "received_on": AS_OF,
        "run_id": "r1",
        "status": "loaded",
        "reason_code": None,
        "reason_message": None,
        "received": len(rows),
        "loaded": len(rows),
        "refused": 0,
        "duplicate": 0,
        "furniture": 0,
        "lake_file": path.relative_to(home.lake).as_posix(),
        "lake_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "is_synthetic": True,
        "taken_at": datetime(2026, 11, 21),
        "data_until": AS_OF,
    }
    Ledger(home.ledger).close()  # makes the tables
    entry = {k: v.isoformat(" ") if isinstance(v, datetime) else v for k, v in {**values, **ledger}.items()}
    entry |= {k: v.isoformat() for k, v in entry.items() if isinstance(v, date)}
    # not through the ledger's own door: it would refuse what does not balance, and that is what has to be found
    with sqlite3.connect(home.ledger) as opened:
        opened.execute(
            f"insert into batch ({', '.join(entry)}) values ({', '.join('?' * len(entry))})", list(entry.values())
        )
    opened.close()
    return path


def build(path: Path, mark: int = 1, rows: int = 20_000) -> Path:
    """A build file whose two marts agree with each other and carry `mark`; a staging table that must not be published."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        for schema in ("staging", "core", "accident", "quality"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table core.dim_district as select * from (values "
            "('320102', '玄武区', 'district'), ('320100', '南京市', 'city')) t(area_code, area_name, area_level)"
        )
        connection.execute(
            f"create table accident.fct_accident as select 'A' || i as accident_id, {mark}::bigint as mark, "
            "date '2026-11-01' as month_start, 'work' as accident_domain, '320102' as district_code, "
            f"(i % 7)::bigint as deaths from range({rows}) r(i)"
        )
        connection.execute(
            "create table accident.agg_accident_month as select month_start, district_code as area_code, accident_domain, "
            "any_value(mark) as mark, count(*) as accidents, sum(deaths)::bigint as deaths "
            "from accident.fct_accident group by all"
        )
        connection.execute("create table staging.stg_accident as select '秘密' as private_column")
    return path


def _column(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "description": description, "constraints": [], "meta": {}, "config": {"meta": {}}}


def _model(schema: str, name: str, label: str, key: list[str], columns: dict[str, str]) -> dict[str, Any]:
    return {
        "unique_id": f"model.jgt.{name}",
        "resource_type": "model",
        "schema": schema,
        "name": name,
        "alias": name,
        "config": {"enabled": True, "meta": {"label": label, "owner": "analyst", "primary_key": key}},
        "constraints": [],
        "columns": {n: _column(n, d) for n, d in columns.items()},
    }


def manifest() -> dict[str, Any]:
    """What dbt would say of the build."""
    models = [
        _model(
            "core",
            "dim_district",
            "区划",
            ["area_code"],
            {"area_code": "区划代码：六位", "area_name": "区划名称", "area_level": "区划级别"},
        ),
        _model(
            "accident",
            "fct_accident",
            "事故",
            ["accident_id"],
            {
                "accident_id": "事故编号",
                "mark": "标记",
                "month_start": "月份：当月第一天",
                "accident_domain": "事故领域",
                "district_code": "区划代码",
                "deaths": "死亡人数：统计口径内",
            },
        ),
        _model(
            "accident",
            "agg_accident_month",
            "事故月汇总",
            ["month_start", "area_code"],
            {
                "month_start": "月份",
                "area_code": "区域代码",
                "accident_domain": "事故领域",
                "mark": "标记",
                "accidents": "事故起数",
                "deaths": "死亡人数",
            },
        ),
    ]
    return {"nodes": {m["unique_id"]: m for m in models}}


def write_manifest(folder: Path) -> Path:
    """The manifest as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest(), ensure_ascii=False), "utf-8")
    return path


def result(
    outcome: str = "pass", severity: str = "error", check_id: str = "mart.x.y", run_id: str = "r1"
) -> CheckResult:
    """A check result with this outcome."""
    return CheckResult(
        check_id=check_id,
        layer="mart",
        subject="accident.fct_accident",
        column=None,
        expectation="unique(accident_id)",
        label_zh="事故：主键唯一",
        dimension="唯一性",
        outcome=outcome,  # type: ignore[arg-type]
        severity=severity,  # type: ignore[arg-type]
        observed="",
        unexpected_count=0,
        element_count=1,
        message="" if outcome == "pass" else "事故：主键唯一 未通过；请修正",
        owner="analyst",
        blocks="发布",
        run_id=run_id,
        checked_at=datetime(2026, 11, 21, 3, 0, 0),
    )
