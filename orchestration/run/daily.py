"""`jgt run`: the job `daily`, the same that Dagster's page runs, in this process and with progress for people."""

from __future__ import annotations

import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ingest.base.errors import ShownError
from ingest.base.files import write_text
from ingest.base.home import Home
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Feed
from ingest.matching.state import decisions_wait
from orchestration.language import say
from orchestration.run.pulling import failed_pull_lines, pulls_due
from orchestration.state.last_run import last_run
from orchestration.state.new_files import LedgerUnreadable, changed_since_published, new_files, require_sound_ledger
from orchestration.state.run_folder import RunFolder, data_date
from orchestration.state.writer_lock import WriterLock

if TYPE_CHECKING:
    import dagster as dg

# runs kept in Dagster's own history: its SQLite grows by 1 MB a run (2026-11)
KEPT_DAGSTER_RUNS = 60
# less than this left on the disk explains any failure; DuckDB and SQLite stop a few MB before the very end
_FULL_BELOW_BYTES = 16_000_000
# no telemetry, and no form on the operators' page that would send an address to Dagster's makers
_SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
  pools:
    default_limit: 1
run_monitoring:
  enabled: true
# the schedule and the sensor start runs; no asset asks to be made by itself
auto_materialize:
  enabled: false
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days: 7
event_log_storage:
  module: orchestration.run.event_storage
  class: KeptConnectionsEventLog
  config:
    base_dir: {events}
"""


class DiskFull(ShownError, RuntimeError):
    """The run broke off because the disk is full; the message says what may go."""


class RunNotBegun(ShownError, RuntimeError):
    """The run failed before its first step; the message says of what."""


def write_dagster_settings(home: Home) -> Path:
    """Write Dagster's instance settings (one run at a time, one writer, no telemetry) unless they are there."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    file = home.dagster / "dagster.yaml"
    # where Dagster keeps them unless told otherwise: the history of earlier runs stays
    wanted = _SETTINGS.format(events=json.dumps(str(home.dagster / "history" / "runs")))
    if not file.exists() or file.read_text("utf-8") != wanted:
        write_text(file, wanted)
    return file


def is_up_to_date(home: Home, day: date, feeds: Mapping[str, Feed] | None = None) -> bool:
    """Whether a run would only repeat itself: the last one published, nothing came, was decided or is due.

    Args:
        home: state folder.
        day: the data date.
        feeds: contracts by id; default all.
    """
    last = last_run(home)
    unpublished = (last is not None and last["outcome"] != "published") or changed_since_published(home)
    if unpublished or new_files(home) or decisions_wait(home):
        return False
    served = served_day(home)
    return served is not None and served >= day and not pulls_due(home, load_feeds() if feeds is None else feeds)


def served_day(home: Home) -> date | None:
    """The data date of the published version; None when there is none."""
    manifest = home.serving / "current" / "manifest.json"
    if not home.current.exists() or not manifest.exists():
        return None
    return date.fromisoformat(json.loads(manifest.read_text("utf-8"))["as_of"])


def run_daily(
    home: Home,
    day: date | None,
    emit: Callable[[str], None],
    force: bool = False,
    feeds: Mapping[str, Feed] | None = None,
    full_refresh: bool = False,
) -> bool:
    """Run the job once.

    Args:
        home: state folder.
        day: the data date; None is yesterday in the city.
        emit: takes each line for people.
        force: run even when nothing is new.
        feeds: contracts by id; default all.
        full_refresh: build every table from nothing, even when nothing is new.

    Returns:
        Whether a version of that day is published at the end. On False the last good version keeps serving.

    Raises:
        WriterBusy: another run is writing.
        LedgerUnreadable: the ledger is damaged.
        DbtFailed: the dbt project does not parse.
        DiskFull: no room to go on.
    """
    home.ensure()
    WriterLock(home).require_free()
    try:
        require_sound_ledger(home)
    except LedgerUnreadable as error:
        _keep_reason_before_run(home, error)
        raise
    wanted, day = day, day or data_date()
    if not (force or full_refresh) and is_up_to_date(home, day, feeds):
        return _say_nothing_new(home, wanted, emit)
    write_dagster_settings(home)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    emit(say(f"▶ 数据日期 {day}：收数 → 建仓 → 把关 → 发布", f"▶ data date {day}: take in, build, judge, publish"))
    try:
        return _execute(home, day, emit, feeds, full_refresh)
    except Exception as error:
        free = shutil.disk_usage(home.root).free
        if free >= _FULL_BELOW_BYTES:
            raise
        # whoever fails first of it (SQLite, Dagster, DuckDB) has words of its own for it
        raise DiskFull(
            say(
                f"{home.root} 所在磁盘已满（剩 {free / 1e6:.0f} MB），本轮没有发布，原版本照常提供。"
                f"请腾出空间（{home.build} 里的旧构建可以删除）后再运行 jgt run。",
                f"the disk of {home.root} is full ({free / 1e6:.0f} MB left); nothing was published, what was served is "
                f"served still. Make room (old builds in {home.build} may go), then run jgt run again.",
            )
        ) from error


def _keep_reason_before_run(home: Home, error: Exception) -> None:
    """A run that cannot even begin leaves a verdict too."""
    from orchestration.publish.publishing import refuse

    refuse(home, "not-begun", [], str(error))


def _say_nothing_new(home: Home, wanted: date | None, emit: Callable[[str], None]) -> bool:
    served = served_day(home)
    if wanted is not None and served is not None and served > wanted:  # asked for a day that is not what is served
        emit(
            say(
                f"✘ 已发布的版本数据截至 {served}，晚于 {wanted}，且没有新文件；确要按 {wanted} 重建请加 --force。",
                f"✘ what is published is as of {served}, later than {wanted}, and nothing is new; "
                f"--force builds {wanted} anyway.",
            )
        )
        return False
    emit(say("✔ 没有新文件，已发布的就是最新；要重跑请加 --force。", "✔ nothing new; --force runs anyway."))
    return True


def _execute(
    home: Home, day: date, emit: Callable[[str], None], feeds: Mapping[str, Feed] | None, full_refresh: bool
) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dagster's preview notices say nothing to an operator
        import dagster as dg

        from orchestration.dbt.call import DbtFailed
        from orchestration.run.console import Progress
        from orchestration.run.daily_resource import JOB
        from orchestration.run.definitions import build_definitions, run_config

        feeds = feeds if feeds is not None else load_feeds()
        progress = Progress(emit=emit)
        try:
            definitions = build_definitions(home, feeds, progress=progress)
        except DbtFailed as error:
            _keep_reason_before_run(home, error)
            raise
        job = definitions.resolve_job_def(JOB)
        progress.labels = step_labels(feeds)
        progress.total = len(job.nodes)
        # with several cores the files are taken in side by side first, and a feed's own step finds nothing left to do
        progress.quiet = frozenset(f"lake__{f.department}__{f.name}" for f in feeds.values())
        logging.getLogger("dagster").setLevel(logging.CRITICAL)  # the progress lines tell it; the event log keeps it
        with dg.DagsterInstance.get() as instance:
            config = {**run_config(home, day.isoformat(), full_refresh), "loggers": {"people": {}}}
            outcome = job.execute_in_process(instance=instance, run_config=config, raise_on_error=False)
            _prune(instance)
        folder = RunFolder(home, outcome.run_id[:8])
        if not folder.root.exists():  # it did not get as far as its folder
            _raise_beginning(outcome)
        folder.write_steps(progress.finished)
    return _say_outcome(home, outcome.success, emit)


def _raise_beginning(outcome: dg.ExecuteInProcessResult) -> NoReturn:
    """Say why the run's resource could not be made: another run took the lock meanwhile, or the disk is full."""
    from orchestration.state.writer_lock import WriterBusy

    errors: list[Any] = [getattr(event.event_specific_data, "error", None) for event in outcome.all_events]
    causes = [error.cause or error for error in errors if error is not None]
    busy = next((c.message for c in causes if c.cls_name == WriterBusy.__name__), None)
    if busy:
        raise WriterBusy(busy.removeprefix(f"{WriterBusy.__module__}.{WriterBusy.__name__}: ").strip())
    raise RunNotBegun("；".join(c.message.strip() for c in causes) or outcome.run_id)


def step_labels(feeds: Mapping[str, Feed]) -> dict[str, str]:
    """Chinese (or English) names of the job's steps."""
    labels = {f"lake__{f.department}__{f.name}": say(f"收数 {f.label}", f"take in {f.id}") for f in feeds.values()}
    labels |= {
        "lake__unknown_files": say("收数 各部门文件", "take in what departments sent"),
        "lake__entities": say("对主体 代码、名称、地址", "match records to enterprises"),
        "lake__ledger": say("台账", "ledger"),
        "raw_checks": say("把关 数据湖与原始批次", "judge lake and raw batches"),
        "dbt_build": say("建仓 dbt", "build with dbt"),
        "serving__gate": say("把关 集市与对账", "judge marts, reconcile"),
        "serving__published": say("发布", "publish"),
    }
    return labels


def _say_outcome(home: Home, succeeded: bool, emit: Callable[[str], None]) -> bool:
    from orchestration.publish.publishing import current_version
    from orchestration.state.last_run import blocking_lines, refused_file_lines

    for line in [*refused_file_lines(home), *failed_pull_lines(home)]:
        emit(f"⚠ {line}")
    version = current_version(home)
    if succeeded:
        emit(
            say(
                f"✔ 已发布 {version}。下一步：jgt serve 或 jgt status",
                f"✔ published {version}. Next: jgt serve or jgt status",
            )
        )
        return True
    for line in blocking_lines(home):
        emit(f"✘ {line}")
    kept = (
        say(f"仍在提供 {version}", f"still serving {version}")
        if version
        else say("尚无版本可用", "no version to serve yet")
    )
    emit(say(f"✘ 本轮未发布，{kept}。详情：jgt status", f"✘ not published, {kept}. Details: jgt status"))
    return False


def _prune(instance: object) -> None:
    from dagster import DagsterInstance

    assert isinstance(instance, DagsterInstance)
    for record in instance.get_run_records()[KEPT_DAGSTER_RUNS:]:
        instance.delete_run(record.dagster_run.run_id)
