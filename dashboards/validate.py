"""Check dashboard → chart → dataset → dbt model, column and metric, without Superset: `python -m dashboards.validate`.

Reads dbt's manifest (argument or JGT_MANIFEST). Exit status 1 and one line a problem, each with the file and what to do.
A chart that passes here can still be ugly; the browser tests look at it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboards import bundle, datasets
from dashboards.bundle import ASSETS, Asset
from dashboards.published import manifest
from dashboards.published.manifest import Table

SLUGS = ("overview", "accident", "inspection", "insurance", "credit", "assessment", "quality")
FILTER_ORDER = ("期间", "截至日", "区", "街镇", "行业")
NEEDS_DATA_DATE = "publication"


def problems(tables: dict[str, Table], root: Path = ASSETS) -> list[str]:
    """Everything in `assets/` that does not fit dbt's tables or our own rules; empty when all is well."""
    try:
        charts, dashboards = bundle.load("charts", root), bundle.load("dashboards", root)
        names = bundle.dataset_names(charts, dashboards, tables)
    except bundle.AssetError as problem:
        return [str(problem)]
    found = [line for chart in charts for line in _chart(chart, names[chart.content["dataset_uuid"]], tables, root)]
    found += [line for dashboard in dashboards for line in _dashboard(dashboard, charts, names, tables)]
    shown = {used for dashboard in dashboards for used in _chart_uuids(dashboard)}
    found += [
        f"{chart.path}: 没有看板使用这个图表；请放进看板或删除文件"
        for chart in charts
        if chart.content["uuid"] not in shown
    ]
    missing = set(SLUGS) - {dashboard.content["slug"] for dashboard in dashboards}
    return found + [f"{root / 'dashboards'}: 缺少看板 {slug}；请补上该文件" for slug in sorted(missing)]


def _chart(chart: Asset, dataset: str, tables: dict[str, Table], root: Path) -> Iterator[str]:
    columns, metrics = datasets.columns_of(dataset, tables), datasets.metrics_of(dataset, tables)
    try:
        bundle.render_chart(chart, dataset, tables, root)
    except bundle.AssetError as problem:
        yield str(problem)
    for column in _used_columns(chart.content["params"]):
        if column not in columns:
            yield f"{chart.path}: 数据集 {dataset} 没有列 {column}；请改正列名，或在 dbt 模型中发布该列"
    for metric in _used_metrics(chart.content["params"]):
        if metric not in metrics:
            yield f"{chart.path}: 数据集 {dataset} 没有指标 {metric}；请在该模型的 config.meta.metrics 中定义"
    for column in _sorting_columns(chart.content["params"]):
        if column in metrics:  # Superset would sort by the metric, and the query fail
            yield f"{chart.path}: 按列 {column} 排序，而数据集 {dataset} 有同名指标；请给该指标另取名字"
    if not chart.content.get("description"):
        yield f"{chart.path}: 缺少 description；请写明口径与来源部门"


def _used_columns(params: dict[str, Any]) -> Iterator[str]:
    listed = [*(params.get("groupby") or []), *(params.get("all_columns") or []), params.get("x_axis")]
    yield from (column for column in listed if isinstance(column, str))
    for condition in params.get("adhoc_filters") or []:
        if condition["expressionType"] == "SIMPLE":
            yield condition["subject"]
    yield from _sorting_columns(params)


def _sorting_columns(params: dict[str, Any]) -> Iterator[str]:
    """The columns by which a table of raw rows is sorted."""
    for order in params.get("order_by_cols") or []:
        yield json.loads(order)[0]


def _used_metrics(params: dict[str, Any]) -> Iterator[str]:
    listed = [*(params.get("metrics") or []), params.get("metric"), params.get("timeseries_limit_metric")]
    yield from (metric for metric in listed if isinstance(metric, str))


def _chart_uuids(dashboard: Asset) -> list[str]:
    parts = dashboard.content["position"].values()
    return [part["meta"]["uuid"] for part in parts if isinstance(part, dict) and part.get("type") == "CHART"]


def _dashboard(dashboard: Asset, charts: list[Asset], names: dict[str, str], tables: dict[str, Table]) -> Iterator[str]:
    known = {chart.content["uuid"]: chart for chart in charts}
    used = _chart_uuids(dashboard)
    for wanted in used:
        if wanted not in known:
            yield f"{dashboard.path}: 图表 {wanted} 不存在；请在 charts/ 中补上文件或从 position 中删除"
    if datasets.identity("chart", NEEDS_DATA_DATE) not in used:
        yield f"{dashboard.path}: 没有数据日期与检查结论；请在首行放入图表 {NEEDS_DATA_DATE}"
    filters = dashboard.content["metadata"].get("native_filter_configuration", [])
    order = [FILTER_ORDER.index(item["name"]) for item in filters if item["name"] in FILTER_ORDER]
    if order != sorted(order):
        yield f"{dashboard.path}: 筛选次序应为 {'、'.join(FILTER_ORDER)}；请调整 native_filter_configuration"
    for item in filters:
        for target in item["targets"]:
            dataset = names[target["datasetUuid"]]
            if target["column"]["name"] not in datasets.columns_of(dataset, tables):
                yield f"{dashboard.path}: 筛选“{item['name']}”的列 {target['column']['name']} 不在 {dataset} 中；请改正"


def main() -> int:
    """Command line; exit status 1 if there is any problem."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else manifest.manifest_path()
    found = problems(manifest.read_tables(path))
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print("看板与 dbt 模型一致")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
