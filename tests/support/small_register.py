"""A register and a feed of tips, delivered straight into lake and ledger: what the tests of matching stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.base.home import Home
from ingest.feeds.model import Column, Feed
from ingest.storage.lake import LINEAGE
from ingest.storage.ledger import Batch, Ledger
from tests.support.small_warehouse import small_feed

TAKEN_AT = datetime(2026, 11, 21, 1, 0, 0)


def _text(name: str, label: str, **more: Any) -> Column:
    return Column(name, label, "string", "VARCHAR", **more)


REGISTER = replace(
    small_feed(),
    id="scjg.enterprise",
    label="企业登记",
    department="scjg",
    name="enterprise",
    subject="enterprise",
    version_column="updated_at",
    date_orders=(),
    columns=(
        _text("entity_id", "主体编号", required=True, is_key=True),
        _text("uscc", "统一社会信用代码"),
        _text("registration_no", "注册号"),
        _text("name", "名称"),
        _text("address", "住所"),
        _text("district_code", "区划代码"),
        _text("status", "登记状态"),
        Column("updated_at", "更新时间", "timestamp", "TIMESTAMP"),
    ),
)
TIPS = replace(
    small_feed(),
    id="szrx.safety_tip",
    label="举报",
    department="szrx",
    name="safety_tip",
    subject=None,
    date_orders=(),
    columns=(
        _text("tip_no", "编号", required=True, is_key=True),
        _text("enterprise_name", "被举报单位"),
        _text("address", "地址"),
        _text("district_code", "区划代码"),
    ),
)
CASES = replace(
    TIPS,
    id="rsj.work_injury",
    label="工伤",
    department="rsj",
    name="work_injury",
    columns=(
        _text("case_no", "编号", required=True, is_key=True),
        _text("uscc", "统一社会信用代码"),
        _text("organization_code", "组织机构代码"),
        _text("registration_no", "注册号"),
        _text("enterprise_name", "用人单位"),
    ),
)
FEEDS = {feed.id: feed for feed in (REGISTER, TIPS, CASES)}


def deliver(
    home: Home, feed: Feed, rows: Sequence[dict[str, Any]], day: date = date(2026, 11, 20), mark: str = ""
) -> Path:
    """Put one accepted batch into the lake and on the ledger; a value that a row leaves out is NULL."""
    with Ledger(home.ledger) as ledger:
        number = ledger.next_seq(feed.id)
        batch_id = f"{feed.name}-{mark or number}"
        path = home.lake / "raw" / feed.department / feed.name / f"{batch_id}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = [(c.name, c.duckdb_type) for c in feed.columns] + list(LINEAGE)
        with duckdb.connect() as connection:
            connection.execute(f"create table t ({', '.join(f'{n} {k}' for n, k in columns)})")
            for at, row in enumerate(rows):
                lineage = [batch_id, number, f"{batch_id}.csv", "", at + 2, at, day]
                values = [row.get(c.name) for c in feed.columns] + lineage
                connection.execute(f"insert into t values ({', '.join('?' * len(values))})", values)
            connection.execute(f"copy t to '{path}' (format parquet)")
        content = path.read_bytes()
        ledger.record(
            Batch(
                batch_id=batch_id,
                batch_seq=number,
                feed=feed.id,
                department=feed.department,
                file=f"{feed.department}/{feed.name}/{batch_id}.csv",
                sha256=hashlib.sha256(batch_id.encode()).hexdigest(),
                bytes=len(content),
                received_on=day,
                run_id="r1",
                status="loaded",
                reason_code=None,
                reason_message=None,
                received=len(rows),
                loaded=len(rows),
                refused=0,
                duplicate=0,
                furniture=0,
                lake_file=path.relative_to(home.lake).as_posix(),
                lake_sha256=hashlib.sha256(content).hexdigest(),
                is_synthetic=True,
                taken_at=TAKEN_AT,
                data_until=day,
            ),
            [],
            [],
        )
    return path


def registered(entity_id: str, name: str, address: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of the register: active, in 江宁, registered long ago, unless said otherwise."""
    return {
        "entity_id": entity_id,
        "name": name,
        "address": address,
        "district_code": "320115",
        "status": "active",
        "updated_at": datetime(2020, 1, 1),
        **more,
    }


def links(home: Home) -> dict[str, tuple[str | None, str, str | None]]:
    """Name of a mention → (entity_id, outcome, method)."""
    rows = duckdb.sql(
        f"select enterprise_name, entity_id, outcome, method from '{home.lake}/entities/entity_link.parquet'"
    ).fetchall()
    return {name: (entity, outcome, method) for name, entity, outcome, method in rows}


def queue(home: Home, state: str = "open") -> list[dict[str, Any]]:
    """Candidates of a state: candidate_id, mention_key, entity_id, score, reason; best first."""
    found = duckdb.sql(
        f"select candidate_id, mention_key, entity_id, score, reason from '{home.lake}/entities/entity_candidate.parquet' "
        f"where state = '{state}' order by score desc, entity_id"
    )
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
