"""Everything Dagster runs, assembled in one place. `build_definitions` takes overrides, for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg

from dashboards.published.manifest import read_manifest
from ingest.base.clock import CITY_ZONE_NAME
from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed
from orchestration.dbt import call
from orchestration.run.console import Progress, console_logger
from orchestration.run.daily_resource import JOB, DailyRun
from orchestration.run.failed_run import keep_last_good
from orchestration.run.intake_assets import intake_assets, raw_checks
from orchestration.run.warehouse_assets import dbt_asset_set, gate_asset, publish_asset
from orchestration.state.new_files import fingerprint, new_files
from orchestration.state.run_folder import data_date
from orchestration.state.writer_lock import WriterLock

# departments deliver overnight; leadership reads at eight
SCHEDULE = "30 5 * * *"


def run_config(home: Home, date: str, full_refresh: bool = False) -> dict[str, object]:
    """Run configuration of the job for a state folder and a data date (YYYY-MM-DD)."""
    config: dict[str, object] = {"home": str(home.root), "date": date}
    if full_refresh:
        config["full_refresh"] = True
    return {"resources": {"daily": {"config": config}}}


def _sensor(home: Home, job: dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    @dg.sensor(
        name="landing",
        job=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="有新文件且一分钟内不再变化时，跑一轮",
    )
    def landing(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        arrived = new_files(home)
        if not arrived:
            yield dg.SkipReason("没有新文件")
            return
        seen = fingerprint(arrived)
        if context.cursor != seen:  # a copy that still grows looks different the next time
            context.update_cursor(seen)
            yield dg.SkipReason(f"{len(arrived)} 个文件正在到达，下次再看")
            return
        if WriterLock(home).is_held():  # a request now would fail, and its key would never come again
            yield dg.SkipReason("另一轮正在写入，下次再看")
            return
        yield dg.RunRequest(run_key=seen, run_config=run_config(home, data_date().isoformat()))

    return landing


def _schedule(home: Home, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="daily_0530",
        job=job,
        cron_schedule=SCHEDULE,
        execution_timezone=CITY_ZONE_NAME,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="每天 05:30（北京时间）为前一日跑一轮",
    )
    def daily_0530(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = data_date(context.scheduled_execution_time).isoformat()
        return dg.RunRequest(run_key=day, run_config=run_config(home, day))

    return daily_0530


def build_definitions(
    home: Home | None = None,
    feeds: Mapping[str, Feed] | None = None,
    progress: Progress | None = None,
) -> dg.Definitions:
    """Assemble the definitions.

    Args:
        home: state folder; default from the environment.
        feeds: contracts by id; default all.
        progress: where a run's progress goes; None leaves Dagster's own logging.

    Returns:
        Assets of every feed, the dbt asset set, the checks, publishing, the job with its schedule and sensor.
    """
    home = home or Home.from_environment()
    feeds = feeds if feeds is not None else load_feeds()
    manifest_file = call.prepare(home, feeds)
    manifest = read_manifest(manifest_file)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="收数 → 建仓 → 把关 → 发布",
        executor_def=dg.in_process_executor,
        hooks={keep_last_good(home)},
    )
    return dg.Definitions(
        assets=[
            *intake_assets(home, feeds, progress.note if progress else None),
            dbt_asset_set(home, manifest, progress.note if progress else None),
            gate_asset(home, feeds, manifest, manifest_file),
            publish_asset(home, manifest_file),
        ],
        asset_checks=[raw_checks(home, feeds)],
        resources={"daily": DailyRun(home=str(home.root))},
        jobs=[job],
        schedules=[_schedule(home, job)],
        sensors=[_sensor(home, job)],
        loggers={"people": console_logger(progress)} if progress else None,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's own processes load; made when asked for, so that importing this file costs nothing."""
    return build_definitions()
