"""The one dbt asset set, the checks on marts and ledger, and publishing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from ingest.contract import Feed
from ingest.home import Home
from orchestration.check_results import asset_check_results
from orchestration.daily_run import DailyRun
from orchestration.dbt_build import (
    SeparateDbt,
    bring_partial_parse,
    build_arguments,
    environment,
    environment_set,
)
from orchestration.intake_assets import LEDGER_KEY
from quality.outcome import CheckResult, read_results, write_results

PUBLISHED_SCHEMAS = ("core", "accident", "inspection", "insurance", "credit", "assessment", "quality")
PUBLISH_KEY = dg.AssetKey(["serving", "published"])
BALANCE_KEY = dg.AssetKey(["quality", "rpt_ledger_balance"])
MART_CHECK = "great_expectations"
RECONCILIATION_CHECK = "reconciliation"
# whatever writes a DuckDB file takes the one place in this pool
WRITER_POOL = "duckdb_writer"


class Labels(DagsterDbtTranslator):
    """dbt's nodes as Dagster shows them: Chinese label first, grouped by schema, ledger sources as the ledger."""

    def __init__(self) -> None:
        """The four ledger sources are one asset here."""
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The ledger's exports are one asset; everything else keeps dbt's own key."""
        if dbt_resource_props["resource_type"] == "source" and dbt_resource_props["source_name"] == "ledger":
            return LEDGER_KEY
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The schema: staging, intermediate, or the mart."""
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Label, then the model's own description; the SQL stays in the dictionary."""
        meta = (dbt_resource_props.get("config") or {}).get("meta") or {}
        label, text = meta.get("label"), dbt_resource_props.get("description") or ""
        return f"{label}：{text}" if label else text


def published_models(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """`schema.table` → asset key, of every model that is published."""
    translator = Labels()
    return {
        f"{node['schema']}.{node['name']}": translator.get_asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in PUBLISHED_SCHEMAS
    }


def dbt_asset_set(home: Home, manifest: Mapping[str, Any], project: Path) -> dg.AssetsDefinition:
    """Every model, seed and dbt test, as one asset set built by one dbt process."""
    dbt = SeparateDbt(project_dir=str(project), profiles_dir=str(project))

    @dbt_assets(manifest=manifest, dagster_dbt_translator=Labels(), name="dbt_build", pool=WRITER_POOL)
    def build(context: dg.AssetExecutionContext, daily: DailyRun) -> Iterator[Any]:
        from orchestration.dbt_results import read_dbt_results

        folder = daily.folder
        folder.build_file.unlink(missing_ok=True)
        bring_partial_parse(home, folder)
        try:
            with environment_set(environment(home, folder.build_file)):
                call = dbt.cli(build_arguments(daily.as_of), context=context, target_path=folder.target)
                yield from call.stream()
        finally:
            if (folder.target / "run_results.json").exists():
                results = read_dbt_results(folder.target, manifest, daily.run_id)
                write_results(folder.checks, "dbt", results)

    return build


def mart_checks(home: Home, manifest: Mapping[str, Any], manifest_file: Path) -> dg.AssetChecksDefinition:
    """Great Expectations on every published mart; blocking."""
    keys = published_models(manifest)
    specs = [
        dg.AssetCheckSpec(MART_CHECK, asset=key, blocking=True, description=f"{subject}：Great Expectations")
        for subject, key in keys.items()
    ]

    @dg.multi_asset_check(name="mart_checks", specs=specs)
    def check(daily: DailyRun) -> Iterator[dg.AssetCheckResult]:
        from quality.gate import judge_marts

        results = judge_marts(home, daily.folder.build_file, manifest_file, daily.run_id)
        write_results(daily.folder.checks, "mart", results)
        yield from asset_check_results(results, keys, MART_CHECK)

    return check


def reconciliation_check(
    home: Home, feeds: Mapping[str, Feed], manifest: Mapping[str, Any]
) -> dg.AssetChecksDefinition:
    """The ledger against the lake, staging and the marts; blocking."""
    others = [key for key in published_models(manifest).values() if key != BALANCE_KEY]
    spec = dg.AssetCheckSpec(
        RECONCILIATION_CHECK,
        asset=BALANCE_KEY,
        additional_deps=others,
        blocking=True,
        description="对账：收到 = 入库 + 拒收 + 重复；入库 = 各层；分区之和 = 全市",
    )

    @dg.multi_asset_check(name="reconciliation", specs=[spec])
    def check(daily: DailyRun) -> Iterator[dg.AssetCheckResult]:
        from quality.reconciliation import reconcile

        results: list[CheckResult] = reconcile(home, feeds, daily.folder.build_file, daily.run_id)
        write_results(daily.folder.checks, "reconciliation", results)
        here = "quality.rpt_ledger_balance"
        judged = [replace(r, subject=here) for r in results]
        yield from asset_check_results(judged, {here: BALANCE_KEY}, RECONCILIATION_CHECK)

    return check


def publish_asset(home: Home, manifest: Mapping[str, Any], manifest_file: Path) -> dg.AssetsDefinition:
    """Copy, verify and switch; only after every blocking check passed."""

    @dg.asset(
        key=PUBLISH_KEY,
        group_name="serving",
        description="发布：写入新版本、核对指纹、原子切换；不通过则沿用上一版本",
        deps=list(published_models(manifest).values()),
        pool=WRITER_POOL,
    )
    def published(daily: DailyRun) -> dg.MaterializeResult[None]:
        from orchestration.publishing import publish

        results = read_results(daily.folder.checks)
        write_results(home.lake / "checks", daily.run_id, results)
        extra = {"run_id": daily.run_id, "dbt_manifest": str(manifest_file)}
        version = publish(home, daily.folder.build_file, daily.as_of, results, extra)
        return dg.MaterializeResult(metadata={"version": version, "checks": len(results)})

    return published


def load_manifest(path: Path) -> dict[str, Any]:
    """dbt's manifest as parsed."""
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded
