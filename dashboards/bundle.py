"""From the files in `assets/` to what Superset's importer takes.

The files are Superset's own export format with three short forms, put in so that a person can edit them:

- `file:NAME` as a text value stands for `assets/templates/NAME` (Handlebars templates and their styles);
- `${metric}` inside an ad-hoc `sqlExpression` stands for that metric's expression in dbt, in brackets;
- `[[path]]`, `[[x]]`, `[[y]]`, `[[anchor]]`, `[[leader]]` inside a template stand for the outline and the label of the
  row's district, `[[viewbox]]` for the extent of the whole drawing (`assets/geo`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dashboards import datasets
from dashboards.published.manifest import Table

_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ASSETS = Path(__file__).parent / "assets"
METRIC_REFERENCE = re.compile(r"\$\{([a-z0-9_]+)\}")
SHAPE_REFERENCE = re.compile(r"\[\[(path|x|y|anchor|leader|viewbox)\]\]")


class AssetError(ValueError):
    """A chart or dashboard file does not fit; the message names the file and what to do."""


@dataclass(frozen=True)
class Asset:
    """One file of `assets/charts` or `assets/dashboards` as it was read."""

    path: Path
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """File name without its ending: what the uuid is made from."""
        return self.path.stem


def load(kind: str, root: Path = ASSETS) -> list[Asset]:
    """All assets of a kind (`charts` or `dashboards`), by name.

    Raises:
        AssetError: if a file is no YAML mapping or its uuid is not the one of its name.
    """
    found = []
    for path in sorted((root / kind).glob("*.yaml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_YAML)  # noqa: S506  a safe loader, libyaml's where it is there
        if not isinstance(content, dict):
            raise AssetError(f"{path}: 不是 YAML 对象；请按 Superset 导出格式书写")
        expected = datasets.identity(kind.removesuffix("s"), path.stem)
        if content.get("uuid") != expected:
            raise AssetError(f"{path}: uuid 应为 {expected}（由文件名生成）；请改正后重试")
        found.append(Asset(path, content))
    return found


def strings(value: Any) -> Iterator[str]:
    """Every text inside nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def replace_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The same nested value with every text changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: replace_strings(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [replace_strings(item, change) for item in value]
    return value


def render_chart(asset: Asset, dataset_name: str, tables: dict[str, Table], root: Path = ASSETS) -> dict[str, Any]:
    """A chart with its short forms written out and its `query_context` made.

    Raises:
        AssetError: for a template that does not exist or a metric that dbt does not define.
    """
    metrics = datasets.metrics_of(dataset_name, tables)

    def expand(text: str) -> str:
        if text.startswith("file:"):
            path = root / "templates" / text.removeprefix("file:")
            if not path.is_file():
                raise AssetError(f"{asset.path}: 模板 {path} 不存在；请新建该文件或改正引用")
            text = path.read_text(encoding="utf-8")
        return METRIC_REFERENCE.sub(expression, SHAPE_REFERENCE.sub(lambda m: shape(m[1], root), text))

    def expression(match: re.Match[str]) -> str:
        if match[1] not in metrics:
            raise AssetError(
                f"{asset.path}: 数据集 {dataset_name} 没有指标 {match[1]}；请在 dbt 的 config.meta.metrics 中定义"
            )
        return f"({metrics[match[1]].expression})"

    content = dict(asset.content)
    content["params"] = replace_strings(content["params"], expand)
    content["query_context"] = json.dumps(query_context(content["params"]), ensure_ascii=False)
    return content


def shape(part: str, root: Path = ASSETS) -> str:
    """A chain of Handlebars conditions that gives a part of the drawing of the row's district."""
    drawing = json.loads((root / "geo" / "nanjing.json").read_text(encoding="utf-8"))
    if part == "viewbox":
        return str(drawing["viewbox"])
    outlines = drawing["districts"].items()
    return "".join(f'{{{{#if (eq area_code "{code}")}}}}{drawn[part]}{{{{/if}}}}' for code, drawn in outlines)


def query_context(params: dict[str, Any]) -> dict[str, Any]:
    """The saved query of a chart: its data endpoint and exports need one, and files do not carry it."""
    raw = params.get("query_mode") == "raw"
    columns = list(params.get("all_columns") or []) if raw else list(params.get("groupby") or [])
    if not raw and params.get("x_axis"):
        columns.insert(0, params["x_axis"])
    metrics = [] if raw else list(params.get("metrics") or [])
    if params.get("metric") and not raw:
        metrics.append(params["metric"])
    simple: list[dict[str, Any]] = []
    where: list[str] = []
    having: list[str] = []
    for condition in params.get("adhoc_filters") or []:
        if condition.get("expressionType") == "SIMPLE":
            if condition.get("comparator") != "No filter":
                simple.append(
                    {"col": condition["subject"], "op": condition["operator"], "val": condition.get("comparator")}
                )
        else:
            (having if condition.get("clause") == "HAVING" else where).append(f"({condition['sqlExpression']})")
    order = [json.loads(item) if isinstance(item, str) else item for item in params.get("order_by_cols") or []]
    if not raw and params.get("timeseries_limit_metric"):
        order = [[params["timeseries_limit_metric"], not params.get("order_desc", True)]]
    query = {
        "columns": columns,
        "metrics": metrics or None,
        "filters": simple,
        "extras": {"where": " AND ".join(where), "having": " AND ".join(having)},
        "orderby": order,
        "row_limit": params.get("row_limit") or 10_000,
        "annotation_layers": [],
        "applied_time_extras": {},
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }
    return {
        "datasource": {"id": 1, "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }


def dataset_names(charts: list[Asset], dashboards: list[Asset], tables: dict[str, Table]) -> dict[str, str]:
    """uuid → name of every dataset that charts and filters use.

    Raises:
        AssetError: if a chart or filter points to a dataset that dbt does not publish.
    """
    known = {datasets.identity("dataset", name): name for name in datasets.possible_names(tables)}
    used: dict[str, str] = {}

    def use(path: Path, wanted: str) -> None:
        if wanted not in known:
            raise AssetError(
                f"{path}: 数据集 {wanted} 不在已发布的表中；用 python -m dashboards.identity 表名 查询正确的 uuid"
            )
        used[wanted] = known[wanted]

    for chart in charts:
        use(chart.path, chart.content["dataset_uuid"])
    for dashboard in dashboards:
        for native in dashboard.content["metadata"].get("native_filter_configuration", []):
            for target in native.get("targets", []):
                if "datasetUuid" in target:
                    use(dashboard.path, target["datasetUuid"])
    return used


def assemble(tables: dict[str, Table], uri: str, settings: dict[str, str], root: Path = ASSETS) -> dict[str, Any]:
    """All contents of one import, by the path they have in a Superset bundle.

    Raises:
        AssetError: for anything in `assets/` that does not fit dbt's tables.
    """
    charts, dashboards = load("charts", root), load("dashboards", root)
    names = dataset_names(charts, dashboards, tables)
    # analysts explore every published table, not only those that a chart happens to use
    names |= {datasets.identity("dataset", key): key for key in tables}
    contents: dict[str, Any] = {"databases/jgt.yaml": datasets.database(uri, settings)}
    for name in names.values():
        contents[f"datasets/jgt/{name}.yaml"] = datasets.dataset(name, tables)
    for chart in charts:
        contents[f"charts/{chart.name}.yaml"] = render_chart(chart, names[chart.content["dataset_uuid"]], tables, root)
    for dashboard in dashboards:
        style = dashboard.content.get("css") or ""
        css = (
            (root / "templates" / style.removeprefix("file:")).read_text("utf-8")
            if style.startswith("file:")
            else style
        )
        contents[f"dashboards/{dashboard.name}.yaml"] = {**dashboard.content, "css": css}
    return contents
