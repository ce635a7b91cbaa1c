"""dbt's tests as check results, so that every check of a run stands in one list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.published.manifest import meta_of, table_key
from quality.outcome import CheckResult, Outcome, Severity, check_result

# dbt's generic tests in the words that a steward reads, with their dimension of GB/T 36344
_KINDS = {
    "unique": ("唯一", "一致性"),
    "not_null": ("非空", "完整性"),
    "relationships": ("引用存在", "一致性"),
    "accepted_values": ("在代码表内", "规范性"),
}
_OUTCOMES: dict[str, Outcome] = {"pass": "pass", "success": "pass", "warn": "fail", "fail": "fail"}


def read_dbt_results(target: Path, manifest: Mapping[str, Any], run_id: str) -> list[CheckResult]:
    """Every test of the last dbt call, and every model that did not build.

    Args:
        target: folder with `run_results.json`.
        manifest: dbt's manifest, for owners and labels.
        run_id: the run these results belong to.

    Returns:
        One result a test; a failed model, and a test skipped for it, is an `error`.
    """
    document = json.loads((target / "run_results.json").read_text("utf-8"))
    nodes = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    results = []
    for row in document["results"]:
        unique_id, status = row["unique_id"], row["status"]
        kind = unique_id.split(".")[0]
        if kind not in ("test", "unit_test") and status == "success":
            continue
        results.append(_result(unique_id, nodes.get(unique_id, {}), nodes, row, kind, run_id))
    return results


def _result(
    unique_id: str, node: Mapping[str, Any], nodes: Mapping[str, Any], row: Mapping[str, Any], kind: str, run_id: str
) -> CheckResult:
    outcome: Outcome = _OUTCOMES.get(row["status"], "error")
    metadata = node.get("test_metadata") or {}
    name = metadata.get("name") or (kind if kind != "test" else "custom")
    label, dimension = _KINDS.get(name, ("模型规则" if kind != "model" else "模型可建", "准确性"))
    model = _tested_model(node, nodes)
    subject = table_key(model) if model else node.get("name", unique_id)
    column = node.get("column_name")
    severity: Severity = "warn" if (node.get("config") or {}).get("severity", "error").lower() == "warn" else "error"
    said = (row.get("message") or "").strip()
    place = f"{subject}.{column}" if column else subject
    # a test may be described; a model has its label (its description is a paragraph)
    described = (node.get("description") or "") if kind != "model" else str(meta_of(node).get("label") or "")
    message = (
        ""
        if outcome == "pass"
        else (
            f"{place}：{described or label}{'未通过' if outcome == 'fail' else '未能执行'}（{said or row['status']}）。"
            f"查看 {node.get('original_file_path', unique_id)}，修正数据或规则后运行 jgt run。"
        )
    )
    return check_result(
        unique_id,
        layer="dbt",
        subject=subject,
        column=column,
        expectation=name,
        label_zh=described or label,
        dimension=dimension,
        outcome=outcome,
        severity=severity,
        observed=said,
        unexpected_count=row.get("failures"),
        element_count=None,
        message=message,
        owner=_owner(model),
        run_id=run_id,
    )


def _tested_model(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if node.get("resource_type") == "model":
        return node
    attached = node.get("attached_node") or next(iter((node.get("depends_on") or {}).get("nodes", [])), None)
    model = nodes.get(attached) if attached else None
    return model if model and "schema" in model else None


def _owner(model: Mapping[str, Any] | None) -> str:
    return str(meta_of(model or {}).get("owner") or "数据管理员")
