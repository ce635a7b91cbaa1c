"""The one reader of dbt's manifest: its nodes, and of the published tables labels, 口径, keys and metrics.

They are declared once, in dbt (`config.meta`); nothing here adds to them. The standard library alone, so that both
environments can read it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PUBLISHED_SCHEMAS: Final = ("core", "accident", "inspection", "insurance", "credit", "assessment", "quality")


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


def read_manifest(path: Path) -> dict[str, Any]:
    """dbt's manifest as it stands in the file."""
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def read_tables(path: Path) -> dict[str, Table]:
    """Published tables of a manifest by `schema.table`, in the order of their keys."""
    return {table.key: table for table in map(_table, published_models(read_manifest(path)))}


def nodes_of(manifest: Mapping[str, Any], *kinds: str) -> Iterator[Mapping[str, Any]]:
    """What dbt builds or tests, of these kinds: `model`, `seed`, `snapshot`, `test`."""
    return (node for node in manifest["nodes"].values() if node["resource_type"] in kinds)


def published_models(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The models that become published tables, in the order of `schema.table`."""
    published = (
        node
        for node in nodes_of(manifest, "model")
        if node["schema"] in PUBLISHED_SCHEMAS and (node.get("config") or {}).get("enabled", True)
    )
    return sorted(published, key=table_key)


def table_name(node: Mapping[str, Any]) -> str:
    """The name of a model's table, without its schema."""
    return str(node.get("alias") or node["name"])


def table_key(node: Mapping[str, Any]) -> str:
    """`schema.table` of a model."""
    return f"{node['schema']}.{table_name(node)}"


def meta_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """`config.meta` (dbt ≥ 1.10) over `meta`, of a model or a column."""
    return {**(item.get("meta") or {}), **((item.get("config") or {}).get("meta") or {})}


def label_of(column: Mapping[str, Any]) -> str:
    """A column's Chinese label: meta `label`, else the description up to its first stop; empty when neither is there."""
    label = meta_of(column).get("label")
    return str(label) if label else re.split(r"[。；：:，,（(\n]", column.get("description") or "")[0].strip()


def caliber_of(column: Mapping[str, Any], label: str) -> str:
    """A column's 口径: meta `caliber`, else its description without the label it begins with."""
    declared = meta_of(column).get("caliber")
    if declared:
        return str(declared)
    return str(column.get("description") or "").removeprefix(label).lstrip("：:，,。；; ").strip()


def declared_grains(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Model id → columns that a dbt test declares to be its grain: `jgt_grain` first, else `unique` on one column."""
    found: dict[str, tuple[str, ...]] = {}
    columns = {unique_id: set(node.get("columns") or ()) for unique_id, node in manifest["nodes"].items()}
    for node in manifest["nodes"].values():
        test = node.get("test_metadata") or {}
        model = node.get("attached_node")
        if test.get("name") == "jgt_grain":
            found[model] = tuple(test["kwargs"]["columns"])
        elif test.get("name") == "unique" and test["kwargs"].get("column_name") in columns.get(model, ()):
            found.setdefault(model, (test["kwargs"]["column_name"],))  # an expression is no column to show
    return found


def primary_key(node: Mapping[str, Any], tested: tuple[str, ...]) -> tuple[str, ...]:
    """The declared key: meta `primary_key`, else a constraint, else the tested grain, else what dbt inferred."""
    declared = meta_of(node).get("primary_key")
    if declared:
        return (declared,) if isinstance(declared, str) else tuple(declared)
    for constraint in node.get("constraints") or []:
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    own = tuple(
        c["name"]
        for c in node["columns"].values()
        if any(k["type"] == "primary_key" for k in c.get("constraints") or [])
    )
    inferred = tuple(node.get("primary_key") or ())
    return own or tested or (inferred if set(inferred) <= set(node["columns"]) else ())


def _table(node: Mapping[str, Any]) -> Table:
    meta = meta_of(node)
    name = table_name(node)
    columns = [
        Column(
            name=column["name"],
            data_type=(column.get("data_type") or "varchar"),
            label=label_of(column),
            caliber=str(column.get("description") or meta_of(column).get("caliber") or "").strip(),
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
