"""The one dbt asset set, the checks on marts and ledger, and publishing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from dashboards.published.manifest import published_models, table_key
from ingest.base.home import Home
from ingest.feeds.model import Feed
from orchestration.dbt.call import (
    SeparateDbt,
    bring_partial_parse,
    build_arguments,
    dbt_executable,
    environment,
    environment_set,
)
from orchestration.dbt.changes import in_order
from orchestration.run.check_results import asset_check_results
from orchestration.run.console import dbt_progress
from orchestration.run.daily_resource import DailyRun
from orchestration.run.intake_assets import ENTITIES_KEY, LEDGER_KEY
from orchestration.state.run_folder import last_good_link, writing_file
from quality.outcome import CheckResult, Layer, is_blocking, read_results, write_results

PUBLISH_KEY = dg.AssetKey(["serving", "published"])
GATE_KEY = dg.AssetKey(["serving", "gate"])
RECONCILIATION_CHECK = "reconciliation"
# whatever writes a DuckDB file takes the one place in this pool
WRITER_POOL = "duckdb_writer"


class Labels(DagsterDbtTranslator):
    """dbt's nodes as Dagster shows them: Chinese label first, grouped by schema, ledger sources as the ledger."""

    def __init__(self) -> None:
        """The ledger's sources are one asset here, and so are those of the links."""
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The ledger's exports are one asset, and so are the links; everything else keeps dbt's own key."""
        if dbt_resource_props["resource_type"] == "source":
            shared = {"ledger": LEDGER_KEY, "entities": ENTITIES_KEY}.get(dbt_resource_props["source_name"])
            if shared:
                return shared
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The schema: staging, intermediate, or the mart."""
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Label, then the model's own description; the SQL stays in the dictionary."""
        meta = (dbt_resource_props.get("config") or {}).get("meta") or {}
        label, text = meta.get("label"), dbt_resource_props.get("description") or ""
        return f"{label}：{text}" if label else text


def published_assets(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """`schema.table` → asset key, of every model that is published."""
    translator = Labels()
    return {table_key(node): translator.get_asset_key(node) for node in published_models(manifest)}


def dbt_failure(said: str, target: Path) -> str:
    """What dbt stopped at, without the command line that dagster-dbt puts before it; and where the rest is."""
    _, _, errors = said.partition("Errors parsed from dbt logs:")
    lines = [line.strip() for line in (errors or said).splitlines() if line.strip()]
    return "\n".join(
        ["dbt 建仓未成功，请按下面的提示修正模型或数据后运行 jgt run：", *lines, f"全文：{target / 'dbt.log'}"]
    )


def dbt_asset_set(
    home: Home, manifest: Mapping[str, Any], note: Callable[[str], None] | None = None
) -> dg.AssetsDefinition:
    """Every model, seed and dbt test, as one asset set built by one dbt process.

    Args:
        home: state folder.
        manifest: dbt's manifest.
        note: takes a progress line now and then; dbt's own lines go to the run's folder.
    """
    project = str(home.dbt_project)
    dbt = SeparateDbt(project_dir=project, profiles_dir=project, dbt_executable=dbt_executable())

    @dbt_assets(manifest=manifest, dagster_dbt_translator=Labels(), name="dbt_build", pool=WRITER_POOL)
    def build(context: dg.AssetExecutionContext, daily: DailyRun) -> Iterator[Any]:
        from orchestration.dbt import carry_over
        from orchestration.dbt.results import read_dbt_results

        folder = daily.folder
        folder.build_file.unlink(missing_ok=True)
        planned = carry_over.plan_changes(home, manifest, daily.as_of, daily.full_refresh)
        carry_over.note_state(home, folder, manifest, planned.signatures)
        increment = carry_over.plan(home, manifest, daily.full_refresh)
        increment, planned = carry_over.carry(home, folder.build_file, increment, planned, manifest)
        names = [manifest["nodes"][n]["name"] for n in planned.built] if planned.kept else []
        for line in (increment.told(), planned.told()) if note else ():
            if note and line:
                note(line)
        bring_partial_parse(home, folder)
        # what a kept node is made of is kept too, so that all of them come before what is built
        kept = carry_over.kept_results(home, planned, daily.run_id)
        for node in in_order(manifest, planned.kept):
            yield dg.MaterializeResult(asset_key=Labels().get_asset_key(node), metadata={"沿用自": planned.source})
        yield from kept_checks(context.selected_asset_check_keys, kept, manifest)
        try:
            with environment_set(environment(home, writing_file(home), daily.as_of, is_carried=True)):
                call = dbt.chosen(build_arguments(names), context, manifest, Labels(), folder.target)
                folder.dbt_process.write_text(str(call.process.pid), "utf-8")
                with (folder.root / "dbt.log").open("w", encoding="utf-8") as log, redirect_stdout(log):
                    events = call.stream()
                    yield from dbt_progress(events, len(planned.built), note) if note else events
        except DagsterDbtCliRuntimeError as error:
            raise dg.Failure(dbt_failure(str(error), folder.target)) from error
        finally:
            folder.dbt_process.unlink(missing_ok=True)
            if (folder.target / "run_results.json").exists():
                results = read_dbt_results(folder.target, manifest, daily.run_id)
                write_results(folder.checks, "dbt", [*results, *kept])

    return build


def kept_checks(
    keys: Iterable[dg.AssetCheckKey], results: Sequence[CheckResult], manifest: Mapping[str, Any]
) -> Iterator[dg.AssetCheckResult]:
    """The results of kept tests as Dagster shows dbt's: each under the test's name, for every model that it judges.

    Args:
        keys: of all checks of the asset set.
        results: of kept tests; `check_id` is the test's unique id.
        manifest: dbt's.
    """
    by_name = {manifest["nodes"][result.check_id]["name"]: result for result in results}
    for key in sorted(keys, key=lambda key: key.to_user_string()):
        if (result := by_name.get(key.name)) is not None:
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=result.outcome == "pass",
                severity=dg.AssetCheckSeverity.ERROR if is_blocking(result) else dg.AssetCheckSeverity.WARN,
            )


def gate_asset(
    home: Home, feeds: Mapping[str, Feed], manifest: Mapping[str, Any], manifest_file: Path
) -> dg.AssetsDefinition:
    """The gate before publishing: Great Expectations on every mart, and the reconciliation; each check blocks.

    They are checks of one asset after all models, not of the models: a blocking check in the middle of dbt's graph
    would make Dagster cut the one dbt call into pieces.
    """
    tables = list(published_assets(manifest))
    specs = [
        dg.AssetCheckSpec(t.replace(".", "__"), asset=GATE_KEY, blocking=True, description=f"{t}：Great Expectations")
        for t in tables
    ]
    specs.append(
        dg.AssetCheckSpec(
            RECONCILIATION_CHECK,
            asset=GATE_KEY,
            blocking=True,
            description="对账：收到 = 入库 + 拒收 + 重复；入库 = 各层；分区之和 = 全市",
        )
    )

    @dg.asset(
        key=GATE_KEY,
        group_name="serving",
        description="发布前的把关：集市规则与对账；不通过则沿用上一版本",
        deps=list(published_assets(manifest).values()),
        check_specs=specs,
    )
    def gate(daily: DailyRun) -> dg.MaterializeResult:
        from orchestration.dbt import carry_over
        from quality.carried import Judging
        from quality.gate import judge_marts
        from quality.reconciliation import reconcile

        folder = daily.folder
        signatures = carry_over.noted_signatures(folder)
        data = {
            table_key(n): signatures[n["unique_id"]] for n in published_models(manifest) if n["unique_id"] in signatures
        }
        checks = last_good_link(home) / "checks"
        last = None if daily.full_refresh or not checks.is_dir() else checks
        judging = Judging(folder.checks, last, data)
        marts = judge_marts(home, folder.build_file, manifest_file, daily.run_id, judging=judging)
        write_results(folder.checks, "mart", marts)
        ledger = reconcile(home, feeds, folder.build_file, daily.run_id)
        write_results(folder.checks, "reconciliation", ledger)
        found: list[dg.AssetCheckResult] = []
        for table in tables:
            own = [r for r in marts if r.subject == table]
            found += asset_check_results(own, {table: GATE_KEY}, table.replace(".", "__"))
        # what speaks of no published table (the build file cannot be opened, say) stands with the reconciliation
        rest = [replace(r, subject="all") for r in (*ledger, *(m for m in marts if m.subject not in tables))]
        found += asset_check_results(rest, {"all": GATE_KEY}, RECONCILIATION_CHECK)
        return dg.MaterializeResult(check_results=found, metadata={"rules": len(marts) + len(ledger)})

    return gate


def unjudged_layers(results: Sequence[CheckResult]) -> list[str]:
    """Names of the layers of which no check result is there: silence is no pass, whatever order Dagster ran in."""
    judged = {r.layer for r in results}
    return [layer for layer in get_args(Layer) if layer not in judged]


def publish_asset(home: Home, manifest_file: Path) -> dg.AssetsDefinition:
    """Copy, verify and switch; only after every blocking check passed."""

    @dg.asset(
        key=PUBLISH_KEY,
        group_name="serving",
        description="发布：写入新版本、核对指纹、原子切换；不通过则沿用上一版本",
        deps=[GATE_KEY],
        pool=WRITER_POOL,
    )
    def published(daily: DailyRun) -> dg.MaterializeResult[None]:
        from orchestration.dbt.carry_over import keep
        from orchestration.publish.publishing import publish

        results = read_results(daily.folder.checks)
        silent = unjudged_layers(results)
        if silent:
            raise dg.Failure(f"没有检查结果：{'、'.join(silent)}。没有把关的构建不发布；请再运行 jgt run")
        extra = {"run_id": daily.run_id, "dbt_manifest": str(manifest_file)}
        version = publish(home, daily.folder.build_file, daily.as_of, results, extra)
        keep(home, daily.folder)
        return dg.MaterializeResult(metadata={"version": version, "checks": len(results)})

    return published
