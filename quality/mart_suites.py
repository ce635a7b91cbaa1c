"""The suite of a mart, built from dbt's manifest: what its YAML declares is what is checked on the finished table.

dbt's own tests judge the models while they are built. These judge the file that is about to be published, by another
tool and from outside, so that a test switched off in dbt does not open the gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from quality.check import Suite, SuiteBuilder, identifier
from quality.outcome import COMPLETENESS, CONFORMITY, CONSISTENCY, CheckResult, check_result

PUBLISHED_SCHEMAS: Final = ("core", "accident", "inspection", "insurance", "credit", "assessment", "quality")
# Written by the publisher, so no dbt test can declare their grain.
PUBLISHERS_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "quality.fct_check_result": ("run_id", "check_id"),
    "quality.rpt_publication": ("version",),
}
# By the end of a column's name: measures of that name have these bounds in every mart.
BOUNDS: Final[tuple[tuple[str, float | None, float | None], ...]] = (
    (r"_yuan$", 0, None),
    (r"^(deaths|serious_injuries|minor_injuries|accidents|relatively_serious_or_above)(_last_year)?$", 0, None),
    (r"^(hazards|major_hazards|inspections|random_inspections|cases|penalties|policies|claims|services)(_|$)", 0, None),
    (r"^(insured|in_scope|lapsed)_enterprises$|^enterprises$|^(events|deduction_points|overdue_days)$", 0, None),
    (r"^(received|loaded|refused|duplicate)$", 0, None),
    (r"^score$|^credit_score$", 0, 100),
    (r"^ranking$", 1, None),
    (r"^weight$", 0, 100),
)
# Never more of the first than of the second in one row: a part and its whole.
PARTS: Final[tuple[tuple[str, str], ...]] = (
    ("hazards_rectified", "hazards_due"),
    ("hazards_rectified_on_time", "hazards_rectified"),
    ("major_hazards_found", "hazards_found"),
    ("major_hazards_due", "hazards_due"),
    ("random_inspections", "inspections"),
    ("joint_inspections", "inspections"),
    ("duplicate_inspections", "repeatable_inspections"),
    ("hazards_rechecked", "hazards_due"),
    ("listed_hazards_delisted", "listed_hazards"),
    ("decided_over_limit", "penalties_decided"),
    ("planned_units_inspected", "planned_units"),
    ("planned_units_inspected", "inspected_units"),
    ("inspections_with_hazards", "inspections"),
    ("insured_enterprises", "in_scope_enterprises"),
    ("policies_served", "policies_due_service"),
    ("policies_renewed_on_time", "policies_expired"),
    ("claims_settled_in_time", "claims_settled"),
    ("service_hazards_rectified", "service_hazards_found"),
    ("points", "points_full"),
)
# Months × areas × these dimensions are all there: the zeros are true zeros.
FULL_GRIDS: Final[dict[str, tuple[str, ...]]] = {
    "accident.agg_accident_month": ("month_start", "area_code", "accident_domain"),
    "assessment.fct_indicator_value": ("month_start", "area_code", "indicator_code"),
    "assessment.fct_assessment_score": ("month_start", "area_code", "indicator_code"),
    "assessment.agg_assessment_month": ("month_start", "area_code"),
    "insurance.agg_insurance_month": ("month_start", "area_code"),
    "insurance.agg_insurer_month": ("month_start", "area_code", "insurer"),
}
_MEND_MODEL: Final = "请模型负责人核对该模型与上游数据，修正后运行 jgt run"


@dataclass(frozen=True)
class Mart:
    """One published model as the manifest declares it.

    `may_be_empty` is the model's own word (meta): lists of what should not be, feeds that a city need not have.
    """

    schema: str
    table: str
    label: str
    owner: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, Mapping[str, Any]], ...]
    may_be_empty: bool = False

    @property
    def subject(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.table}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Declared columns, in order."""
        return tuple(name for name, _ in self.columns)


def marts(manifest: Mapping[str, Any]) -> Iterator[Mart]:
    """The published models of a dbt manifest, by schema and name."""
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    grains = declared_grains(manifest)
    for node in sorted(nodes, key=lambda n: (n["schema"], n["alias"] or n["name"])):
        if node["schema"] not in PUBLISHED_SCHEMAS or not node["config"].get("enabled", True):
            continue
        meta = meta_of(node)
        table = node.get("alias") or node["name"]
        columns = tuple((c["name"], c) for c in node["columns"].values())
        yield Mart(
            node["schema"],
            table,
            str(meta.get("label") or table),
            owner_of(node, meta),
            primary_key(node, meta, grains.get(node["unique_id"], ()))
            or PUBLISHERS_KEYS.get(f"{node['schema']}.{table}", ()),
            columns,
            bool(meta.get("may_be_empty")),
        )


def owner_of(node: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """Who mends a model: its meta `owner`, else the owner of its dbt group."""
    return str(meta.get("owner") or node["config"].get("group") or "jgt-analyst")


def meta_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """`config.meta` (dbt ≥ 1.10) over `meta`, of a model or a column."""
    return {**(item.get("meta") or {}), **((item.get("config") or {}).get("meta") or {})}


def label_of(column: Mapping[str, Any]) -> str:
    """A column's Chinese label: meta `label`, else the description up to its first stop; empty when neither is there."""
    label = meta_of(column).get("label")
    return str(label) if label else re.split(r"[。；：:，,（(\n]", column.get("description") or "")[0].strip()


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


def primary_key(node: Mapping[str, Any], meta: Mapping[str, Any], tested: tuple[str, ...]) -> tuple[str, ...]:
    """The declared key: meta `primary_key`, else a constraint, else the tested grain, else what dbt inferred."""
    declared = meta.get("primary_key")
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


def mart_suites(manifest: Mapping[str, Any]) -> list[Suite]:
    """One suite a published model."""
    return [mart_suite(mart) for mart in marts(manifest)]


def mart_suite(mart: Mart) -> Suite:
    """Key unique and filled, not empty, measures in their ranges, parts within wholes, months complete, names there."""
    build = SuiteBuilder("mart", mart.subject, mart.table, mart.key, mart.owner)
    names = set(mart.column_names)
    if not mart.may_be_empty:
        build.not_empty(f"{mart.label}：不为空", "error", _MEND_MODEL)
    if mart.key:
        build.unique(mart.key, "key.unique", f"{mart.label}：主键唯一", "error", _MEND_MODEL)
    for name, column in mart.columns:
        label = f"{mart.label}·{label_of(column) or name}"
        constraints = {k["type"] for k in column.get("constraints") or []}
        if name in mart.key or "not_null" in constraints:
            build.not_null(name, f"{label}：不为空", "error", _MEND_MODEL)
        for pattern, minimum, maximum in BOUNDS:
            if re.search(pattern, name):
                build.between(name, minimum, maximum, f"{label}：在合理范围内", "error", _MEND_MODEL)
                break
        code = re.sub(r"_name$", "_code", name)
        if code != name and code in names:
            query = build.rows_where(f"{identifier(code)} is not null and {identifier(name)} is null")
            build.no_rows(f"{name}.named", name, query, f"{label}：每个代码都有名称", CONFORMITY, "error", _MEND_MODEL)
    for part, whole in PARTS:
        if part in names and whole in names:
            query = build.rows_where(f"{identifier(part)} > {identifier(whole)}")
            build.no_rows(
                f"{part}_within_{whole}",
                part,
                query,
                f"{mart.label}：{part} 不超过 {whole}",
                CONSISTENCY,
                "error",
                _MEND_MODEL,
            )
    # a table with a row a month has every month; a work list tells a row's month, and may have none in a quiet one
    if mart.table.startswith(("agg_", "rpt_")) and "month_start" in mart.key:
        build.no_rows(
            "months.complete",
            "month_start",
            _missing_months(),
            f"{mart.label}：月份连续无缺",
            COMPLETENESS,
            "error",
            _MEND_MODEL,
        )
    grid = FULL_GRIDS.get(mart.subject)
    if grid:
        build.no_rows(
            "grid.complete",
            None,
            _missing_cells(grid),
            f"{mart.label}：月份 × 板块 × 维度齐全",
            COMPLETENESS,
            "error",
            _MEND_MODEL,
        )
    return build.build()


def _missing_months() -> str:
    return (
        "select expected.month_start from (select unnest(generate_series(min(month_start), max(month_start), "
        "interval 1 month))::date as month_start from {batch}) as expected "
        "where expected.month_start not in (select month_start from {batch})"
    )


def _missing_cells(dimensions: tuple[str, ...]) -> str:
    axes = " cross join ".join(
        f"(select distinct {identifier(d)} from {{batch}}) as axis_{i}" for i, d in enumerate(dimensions)
    )
    listed = ", ".join(identifier(d) for d in dimensions)
    return f"select {listed} from {axes} except select {listed} from {{batch}}"


def dictionary_results(manifest: Mapping[str, Any], run_id: str) -> list[CheckResult]:
    """Two checks a mart that need no data: it declares its key, and every column has a Chinese label."""
    results = []
    for mart in marts(manifest):
        bare = [name for name, column in mart.columns if not re.search(r"[一-鿿]", label_of(column))]
        keyless = [] if mart.key else ["（无）"]
        for name, missing, label_zh, dimension, remedy in (
            ("labels", bare, "每列都有中文标签", CONFORMITY, "请在模型的 YAML 里给这些列写 config.meta.label"),
            ("key.declared", keyless, "声明了主键", COMPLETENESS, "请在模型的 YAML 里声明主键"),
        ):
            fine = not missing
            observed = "齐全" if fine else f"缺：{'、'.join(missing[:10])}"
            message = "" if fine else f"{mart.label}（{mart.subject}）：{label_zh}未通过，{observed}。{remedy}"
            results.append(
                check_result(
                    f"mart.{mart.subject}.{name}",
                    layer="mart",
                    subject=mart.subject,
                    column=None,
                    expectation=name,
                    label_zh=f"{mart.label}：{label_zh}",
                    dimension=dimension,
                    outcome="pass" if fine else "fail",
                    severity="error",
                    observed=observed,
                    unexpected_count=len(missing),
                    element_count=len(mart.columns),
                    message=message,
                    owner=mart.owner,
                    run_id=run_id,
                )
            )
    return results
