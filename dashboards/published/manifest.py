"""dbt's manifest as this room needs it: published tables with their columns' labels and their metrics.

Labels, 口径 and metrics are declared once, in dbt (`config.meta`); nothing here adds to them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PUBLISHED_SCHEMAS = ("core", "accident", "inspection", "insurance", "credit", "assessment", "quality")


@dataclass(frozen=True)
class Column:
    """One published column: `label` is its Chinese name, `caliber` its 口径."""

    name: str
    data_type: str
    label: str
    caliber: str

    @property
    def is_temporal(self) -> bool:
        """DATE or TIMESTAMP: Superset then offers time filters on it."""
        return self.data_type.upper().startswith(("DATE", "TIMESTAMP"))


@dataclass(frozen=True)
class Metric:
    """One metric: `expression` is a SQL aggregate over its table, `format` a d3 format."""

    name: str
    label: str
    expression: str
    format: str
    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """One published table."""

    schema: str
    name: str
    label: str
    description: str
    path: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"


def manifest_path() -> Path:
    """`$JGT_MANIFEST`, else the manifest beside the published file.

    Raises:
        FileNotFoundError: if there is none; the message says how to get one.
    """
    named = os.environ.get("JGT_MANIFEST")
    if not named:
        raise FileNotFoundError(
            "未设置环境变量 JGT_MANIFEST（dbt 的 manifest.json）；请通过 jgt serve 或 jgt demo 启动"
        )
    path = Path(named)
    if not path.exists():
        raise FileNotFoundError(f"找不到 dbt 的 manifest：{path}；请先运行 jgt run")
    return path


def read_tables(path: Path) -> dict[str, Table]:
    """Published tables of a manifest by `schema.table`, in the order of their keys."""
    nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"].values()
    tables = [_table(node) for node in nodes if _is_published(node)]
    return {table.key: table for table in sorted(tables, key=lambda table: table.key)}


def _is_published(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS


def _meta(node: Mapping[str, Any]) -> dict[str, Any]:
    """dbt 1.11 keeps meta under `config`; older nodes have it at the top."""
    return {**node.get("meta", {}), **(node.get("config") or {}).get("meta", {})}


def _table(node: Mapping[str, Any]) -> Table:
    meta = _meta(node)
    name = node.get("alias") or node["name"]
    columns = [
        Column(
            name=column["name"],
            data_type=(column.get("data_type") or "varchar"),
            label=str(_meta(column).get("label") or ""),
            caliber=str(column.get("description") or _meta(column).get("caliber") or "").strip(),
        )
        for column in node["columns"].values()
    ]
    metrics = [
        Metric(
            name=metric["name"],
            label=metric["label"],
            expression=" ".join(metric["expression"].split()),
            format=metric.get("format") or "",
            unit=metric.get("unit") or "",
            description=metric.get("description") or "",
        )
        for metric in meta.get("metrics") or []
    ]
    return Table(
        schema=node["schema"],
        name=name,
        label=str(meta.get("label") or name),
        description=(node.get("description") or "").strip(),
        path=node.get("original_file_path", ""),
        columns={column.name: column for column in columns},
        metrics={metric.name: metric for metric in metrics},
    )
