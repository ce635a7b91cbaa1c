"""Render what dbt must know of the contracts: sources, column maps of the subjects, enum names, code lists.

The result is `generated/` of a state folder's dbt project (`project`): the contracts are the one place that says it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ingest.base.reasons import REASONS
from ingest.base.sql import literal, literals
from ingest.feeds.loading import code_list_paths, contract_folders, load_departments, load_subjects, subject_map
from ingest.feeds.model import Column, Feed
from ingest.matching.choosing import REASONS as MATCH_REASONS
from ingest.matching.mentions import identity_columns, key_expression
from ingest.matching.tables import FILES, LABELS
from orchestration.dbt.render_codes import code_labels, coded_columns, current_code

_LINEAGE = (
    ("_batch_id", "varchar", "批次编号"),
    ("_batch_seq", "bigint", "批次序号"),
    ("_file", "varchar", "来源文件"),
    ("_sheet", "varchar", "工作表"),
    ("_row", "bigint", "文件内行号"),
    ("_row_hash", "ubigint", "行指纹"),
    ("_received_on", "date", "接收日期"),
)
_HEADER = "rendered from ingest/contracts by orchestration/dbt/render_contracts.py; edit the contracts, not this file"


def rendered(feeds: Mapping[str, Feed]) -> dict[Path, bytes]:
    """The generated part of the dbt project: content by the file's path in the project.

    Args:
        feeds: the contracts by feed id.
    """
    root = Path("generated")
    tables = _seed_tables(feeds)
    texts = {
        root / "models" / "_lake__sources.yml": _sources(feeds),
        root / "macros" / "feed_maps.sql": _macros(feeds),
        **{root / "seeds" / f"{name}.csv": _csv(header, rows) for name, (header, rows) in tables.items()},
        root / "seeds" / "_contracts__seeds.yml": _seed_types({n: header for n, (header, _) in tables.items()}),
    }
    return {path: text.encode("utf-8") for path, text in texts.items()} | _own_models(root)


def _own_models(root: Path) -> dict[Path, bytes]:
    """Staging models that an installation keeps beside its own contracts (`<department>/models/`)."""
    return {
        root / "models" / "staging" / path.parent.parent.name / path.name: path.read_bytes()
        for folder in contract_folders()[1:]
        for path in sorted(folder.glob("*/models/*"))
        if path.suffix in (".sql", ".yml")
    }


def table_name(feed_id: str) -> str:
    """The dbt source table of a feed: `yjgl.accident` → `yjgl__accident`."""
    return feed_id.replace(".", "__")


def _sources(feeds: Mapping[str, Feed]) -> str:
    lake = {
        "name": "lake",
        "description": "入库后的原始数据：每个部门每类数据一张表，列由合同规定，另带来源批次、文件与行号。",
        "schema": "lake",
        "tables": [_source_table(feed) for feed in feeds.values()],
    }
    ledger = {
        "name": "ledger",
        "description": "台账与历次检查结果的导出（Parquet）。",
        "schema": "ledger",
        "tables": [
            _external("batch", "每个文件一行：接收、入库、退回、重复", "ledger/batch.parquet"),
            _external("quarantine_row", "每条被退回的记录一行（不含内容）", "ledger/quarantine_row.parquet"),
            _external(
                "quarantine_event", "隔离记录的每次处理一行：更正、重判、豁免", "ledger/quarantine_event.parquet"
            ),
            _external("change", "每批每列每种修正一行", "ledger/change.parquet"),
            _external("pull", "每次从前置库或接口拉取一行", "ledger/pull.parquet"),
            _external("check_result", "历次运行的检查结果", "checks/*.parquet"),
        ],
    }
    entities = {
        "name": "entities",
        "description": "各部门说的是哪个主体：对上的、待认定的、册外小型场所（Parquet）。",
        "schema": "entities",
        "tables": [_entity_table(name, columns) for name, columns in FILES.items()],
    }
    return f"# {_HEADER}\n" + yaml.safe_dump(
        {"version": 2, "sources": [lake, ledger, entities]}, allow_unicode=True, sort_keys=False, width=1000
    )


def _entity_table(name: str, columns: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    table = _external(name, LABELS[name], f"entities/{name}.parquet")
    listed = [{"name": c, "data_type": kind, "description": label} for c, (kind, label) in columns.items()]
    return {**table, "columns": listed}


def _external(name: str, description: str, path: str) -> dict[str, Any]:
    return {"name": name, "description": description, "config": {"meta": {"external_location": _parquet(path)}}}


def _parquet(path: str) -> str:
    # union_by_name: a column that a later version of the contract adds is null in files taken in before it
    return f"read_parquet('{{{{ env_var(\"JGT_LAKE\") }}}}/{path}', union_by_name = true)"


def _source_table(feed: Feed) -> dict[str, Any]:
    meta = {
        "external_location": _parquet(f"raw/{feed.department}/{feed.name}/*.parquet"),
        "label": feed.label,
        "feed": feed.id,
        "department": feed.department,
        "owner": feed.owner,
        "grain": feed.grain,
        "contract_version": feed.version,
    }
    if feed.subject:
        meta["subject"] = feed.subject
    columns = [_source_column(c) for c in feed.columns]
    columns += [{"name": n, "data_type": t, "description": d} for n, t, d in _LINEAGE]
    return {
        "name": table_name(feed.id),
        "description": f"{feed.label}：{feed.purpose}粒度：{feed.grain}。",
        "config": {"tags": [feed.department, feed.id], "meta": meta},
        "columns": columns,
    }


def _source_column(column: Column) -> dict[str, Any]:
    meta: dict[str, Any] = {"label": column.label}
    if column.is_personal:
        meta["personal"] = True
    if column.is_key:
        meta["key"] = True
    description = f"{column.label}。{column.description}" if column.description else column.label
    return {
        "name": column.name,
        "data_type": column.duckdb_type.lower(),
        "description": description,
        "config": {"meta": meta},
    }


def _macros(feeds: Mapping[str, Feed]) -> str:
    order = {d["code"]: d["display_order"] for d in load_departments()}
    by_display = sorted(feeds.values(), key=lambda f: (order.get(f.department, 999), f.id))
    maps: dict[str, list[dict[str, Any]]] = {name: [] for name in load_subjects()}
    for feed in by_display:
        if feed.subject is None:
            continue
        codes = {column.name: current_code(column) for column in feed.columns}
        maps[feed.subject].append(
            {
                "feed": feed.id,
                "table": table_name(feed.id),
                "department": feed.department,
                "columns": {column: codes[name] for column, name in subject_map(feed).items()},
                "constants": {name: literal(value) for name, value in feed.subject_constants},
                "version_column": feed.version_column or "",
                "withdrawn": withdrawn_condition(feed),
            }
        )
    columns = {
        subject: {c["name"]: _sql_type(str(c["type"])) for c in spec["columns"]}
        for subject, spec in load_subjects().items()
    }
    return "\n".join(
        (
            f"{{#- {_HEADER} -#}}",
            _macro("feed_maps", "", maps),
            "{% macro subject_columns(subject) -%}",
            f"    {{{{ return({json.dumps(columns, ensure_ascii=False, indent=4)}[subject]) }}}}",
            "{%- endmacro %}",
            _macro("code_labels", "", code_labels(by_display)),
            _macro("coded_columns", "", coded_columns(by_display)),
            _macro("feed_withdrawals", "", {f.id: withdrawn_condition(f) for f in by_display if f.withdrawn_when}),
            _macro("feed_mentions", "", {f.id: key for f in by_display if (key := _mention_key(f))}),
            _macro("feed_columns", "", {feed.id: _staged(feed) for feed in by_display if feed.subject is None}),
            "",
        )
    )


def _staged(feed: Feed) -> dict[str, Any]:
    """What `stage_feed` must know of a feed with a shape of its own; personal columns are left out."""
    return {
        "table": table_name(feed.id),
        "department": feed.department,
        "columns": {c.name: current_code(c) for c in feed.columns if not c.is_personal},
        "version_column": feed.version_column or "",
    }


def withdrawn_condition(feed: Feed) -> str:
    """The condition under which a lake row of the feed is withdrawn by its sender; `1 = 0` where it knows no withdrawal."""
    if feed.withdrawn_when is None:
        return "1 = 0"
    values = literals(feed.withdrawn_when.values)
    return f"coalesce(cast({feed.withdrawn_when.column} as varchar) in ({values}), 1 = 0)"


def _mention_key(feed: Feed) -> str | None:
    """SQL of whom a row of this feed mentions; None for the register and for feeds that name nobody."""
    columns = identity_columns(feed)
    return key_expression(columns) if columns else None


def _macro(name: str, arguments: str, value: Any) -> str:
    body = json.dumps(value, ensure_ascii=False, indent=4)
    return f"{{% macro {name}({arguments}) -%}}\n    {{{{ return({body}) }}}}\n{{%- endmacro %}}"


def _sql_type(logical: str) -> str:
    """A subject column's type as SQL that both engines know: `number(18,2)` → `decimal(18,2)`."""
    names = {"string": "varchar", "integer": "bigint"}
    return names.get(logical, logical.replace("number", "decimal"))


def _seed_tables(feeds: Mapping[str, Feed]) -> dict[str, tuple[list[str], list[list[str]]]]:
    departments = [[str(d[k]) for k in ("code", "name", "short_name", "display_order")] for d in load_departments()]
    feed_rows = [
        [f.id, f.label, f.department, f.owner, f.grain, str(f.frequency_days), str(f.latency_hours)]
        for f in feeds.values()
    ]
    tables = {
        "contract_department": (["code", "name", "short_name", "display_order"], departments),
        "contract_feed": (
            ["feed", "label", "department_code", "owner", "grain", "frequency_days", "latency_hours"],
            feed_rows,
        ),
        "contract_match_reason": (["code", "label"], [[code, label] for code, label in MATCH_REASONS.items()]),
        "contract_reason": (["code", "label", "dimension"], [[r.code, r.label, r.dimension] for r in REASONS.values()]),
    }
    for name, path in code_list_paths().items():
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        tables[f"code_{name}"] = (header, rows)
    return tables


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _seed_types(headers: Mapping[str, Sequence[str]]) -> str:
    """Every seed column as text: codes keep their leading zeros; models cast the few numbers."""
    seeds = [
        {
            "name": name,
            "description": "由合同生成的码表，各列均为文本。",
            "config": {"column_types": dict.fromkeys(header, "varchar")},
        }
        for name, header in headers.items()
    ]
    return f"# {_HEADER}\n" + yaml.safe_dump({"version": 2, "seeds": seeds}, allow_unicode=True, sort_keys=False)
