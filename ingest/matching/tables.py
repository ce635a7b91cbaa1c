"""The tables of links as dbt and stewards read them: columns, order of rows, empty files where nothing was linked yet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ingest.base.home import Home
from ingest.base.sql import memory_connection
from ingest.storage import lake

VERSION: Final = 1  # of the columns below
FILES: Final = {
    "entity_link": {
        "mention_key": ("varchar", "提法编号：识别列的指纹"),
        "uscc": ("varchar", "记录里的统一社会信用代码"),
        "registration_no": ("varchar", "记录里的注册号"),
        "organization_code": ("varchar", "记录里的组织机构代码"),
        "enterprise_name": ("varchar", "记录里的名称"),
        "address": ("varchar", "记录里的地址"),
        "district_code": ("varchar", "记录里的区划代码"),
        "records": ("bigint", "这样提到的记录条数"),
        "first_seen": ("date", "首次收到日期"),
        "departments": ("varchar", "哪些部门这样提到"),
        "entity_id": ("varchar", "对上的主体编号；未对上为空"),
        "entity_source": ("varchar", "register 登记在册、place 册外小型场所"),
        "outcome": ("varchar", "linked 已对上、queued 待认定、unlinked 未对上"),
        "method": ("varchar", "uscc、organization_code、registration_no、name、decision、place"),
        "score": ("decimal(5, 4)", "相似度，代码相同为 1"),
        "evidence": ("varchar", "依据"),
        "reason": ("varchar", "为何待认定"),
        "decided_by": ("varchar", "rules 或认定人"),
        "rules_version": ("varchar", "规则版本"),
    },
    "entity_candidate": {
        "candidate_id": ("varchar", "候选编号"),
        "mention_key": ("varchar", "提法编号（同样写法中最早的一种）"),
        "mentions": ("bigint", "同样写法的提法数"),
        "entity_id": ("varchar", "候选主体编号"),
        "score": ("decimal(5, 4)", "相似度"),
        "name_score": ("decimal(5, 4)", "名称相似度"),
        "address_score": ("decimal(5, 4)", "地址相似度；无从比较为空"),
        "evidence": ("varchar", "依据"),
        "reason": ("varchar", "为何待认定"),
        "state": ("varchar", "open 待认定、accepted 已认定、rejected 已否定、auto 已自动对上"),
        "decided_by": ("varchar", "认定人"),
        "decided_at": ("timestamp", "认定时刻（UTC）"),
        "decision_reason": ("varchar", "认定理由"),
        "rules_version": ("varchar", "规则版本"),
    },
    "entity_place": {
        "entity_id": ("varchar", "主体编号：名称、地址、区划的指纹"),
        "name": ("varchar", "名称"),
        "entity_kind": ("varchar", "主体类型，总是 small_place 小型场所"),
        "address": ("varchar", "地址"),
        "district_code": ("varchar", "区划代码"),
        "street_code": ("varchar", "街镇代码；地址里没有为空"),
        "first_seen": ("date", "首次收到日期"),
        "departments": ("varchar", "哪些部门提到"),
        "mentions": ("bigint", "写法数"),
        "records": ("bigint", "记录条数"),
    },
    "entity_mention": {
        "feed": ("varchar", "数据编号"),
        "department": ("varchar", "部门代码"),
        "mention_key": ("varchar", "提法编号"),
        "records": ("bigint", "记录条数"),
        "first_seen": ("date", "首次收到日期"),
    },
}
LABELS: Final = {
    "entity_link": "各部门的一种提法一行：对上哪个主体，凭什么",
    "entity_candidate": "待认定（或已认定）的一对提法与主体一行",
    "entity_place": "登记册以外的一个小型场所一行",
    "entity_mention": "一类数据里的一种提法一行：多少条记录这样写",
}
ORDER: Final = {
    "entity_link": "mention_key",
    "entity_candidate": "mention_key, score desc, entity_id",
    "entity_place": "entity_id",
    "entity_mention": "feed, mention_key",
}


def folder(home: Home) -> Path:
    """Where the links and what they are made of lie."""
    return home.lake / "entities"


def complete(home: Home) -> bool:
    """Whether every file is there."""
    return all((folder(home) / f"{name}.parquet").exists() for name in FILES)


def write_empty(home: Home) -> None:
    """Empty, typed files where there are none, so that dbt always has something to read."""
    if complete(home):
        return
    with memory_connection() as connection:
        for name, columns in FILES.items():
            path = folder(home) / f"{name}.parquet"
            if not path.exists():
                listed = ", ".join(f"cast(null as {kind}) as {column}" for column, (kind, _) in columns.items())
                lake.write(connection, f"select {listed} where false", path)
