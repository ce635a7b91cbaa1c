"""The suite of a mart, built from dbt's manifest: what its YAML declares is what is checked on the finished table.

dbt's own tests judge the models while they are built. These judge the file that is about to be published, by another
tool and from outside, so that a test switched off in dbt does not open the gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dashboards.published.manifest import (
    declared_grains,
    label_of,
    meta_of,
    primary_key,
    published_models,
    table_key,
    table_name,
)
from ingest.base.sql import identifier
from quality.check import Suite, SuiteBuilder
from quality.mart_rules import RULES, MartRules, misfits
from quality.outcome import COMPLETENESS, CONFORMITY, CONSISTENCY, CheckResult, check_result

_MEND_MODEL: Final = "请模型负责人核对该模型与上游数据，修正后运行 jgt run"
_MEND_RULE: Final = (
    "列或表已改名或删去，该项检查因此没有执行；请恢复名称，或在 quality/mart_rules.py 里改正规则，再运行 jgt run"
)


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


def marts(manifest: Mapping[str, Any], rules: MartRules = RULES) -> Iterator[Mart]:
    """The published models of a dbt manifest, by schema and name."""
    publishers_keys = dict(rules.publishers_keys)
    grains = declared_grains(manifest)
    for node in published_models(manifest):
        meta = meta_of(node)
        table = table_name(node)
        columns = tuple((c["name"], c) for c in node["columns"].values())
        yield Mart(
            node["schema"],
            table,
            str(meta.get("label") or table),
            owner_of(node, meta),
            primary_key(node, grains.get(node["unique_id"], ())) or publishers_keys.get(table_key(node), ()),
            columns,
            bool(meta.get("may_be_empty")),
        )


def owner_of(node: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """Who mends a model: its meta `owner`, else the owner of its dbt group."""
    return str(meta.get("owner") or node["config"].get("group") or "jgt-analyst")


def mart_suites(manifest: Mapping[str, Any], rules: MartRules = RULES) -> list[Suite]:
    """One suite a published model."""
    return [mart_suite(mart, rules) for mart in marts(manifest, rules)]


def mart_suite(mart: Mart, rules: MartRules = RULES) -> Suite:
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
        bound = rules.bound_of(name)
        if bound:
            build.between(name, bound.minimum, bound.maximum, f"{label}：在合理范围内", "error", _MEND_MODEL)
        code = re.sub(r"_name$", "_code", name)
        if code != name and code in names:
            query = build.rows_where(f"{identifier(code)} is not null and {identifier(name)} is null")
            build.no_rows(f"{name}.named", name, query, f"{label}：每个代码都有名称", CONFORMITY, "error", _MEND_MODEL)
    for rule in rules.parts:
        part, whole = rule.part, rule.whole
        if mart.subject in rule.tables and {part, whole} <= names:
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
    grid = dict(rules.grids).get(mart.subject)
    if grid and set(grid) <= names:
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


def misfit_results(manifest: Mapping[str, Any], run_id: str, rules: MartRules = RULES) -> list[CheckResult]:
    """An `error` for every rule that names a table or column the manifest does not have: what it checks goes unchecked."""
    declared = list(marts(manifest, rules))
    owners = {mart.subject: mart.owner for mart in declared}
    results = []
    for found in misfits(rules, {mart.subject: mart.column_names for mart in declared}):
        subject = found.table or "marts"
        label_zh = f"检查规则 {found.rule}（{found.column}）有所指"
        why = f"{found.table} 没有列 {found.column}" if found.table in owners else f"没有表 {found.table}"
        if found.table is None:
            why = f"没有一张集市表有名如 {found.column} 的列"
        results.append(
            check_result(
                f"mart.{subject}.{found.rule}.{found.column}.names",
                layer="mart",
                subject=subject,
                column=found.column if found.table else None,
                expectation="规则所指的表与列都在",
                label_zh=label_zh,
                dimension=COMPLETENESS,
                outcome="error",
                observed=f"未能执行：{why}",
                message=f"{label_zh}（{subject}）未能执行：{why}。{_MEND_RULE}",
                owner=owners.get(subject, "jgt-analyst"),
                run_id=run_id,
            )
        )
    return results


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
