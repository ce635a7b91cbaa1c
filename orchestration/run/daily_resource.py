"""The resource that makes a run one run: its date, its folder, and the lock that keeps other writers out."""

from __future__ import annotations

import datetime
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from ingest.base.home import Home
from orchestration.state.run_folder import RunFolder, data_date
from orchestration.state.writer_lock import WriterLock

# the job's name: here, since a run must know whether it is the whole of it
JOB = "daily"


def close_dead_runs(instance: dg.DagsterInstance | None, run_id: str) -> list[str]:
    """Mark runs that were killed as failed and give back their place in the writer pool.

    Dagster notices neither by itself: without this every later run waits for that place for ever. Call it with the
    writer's lock held: then no other run is alive, whatever the instance's history says.

    Args:
        instance: Dagster's instance; None (in tests) has no history.
        run_id: the run that is alive.

    Returns:
        Ids of the runs that were closed.
    """
    if instance is None:
        return []
    begun = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    closed = []
    for run in instance.get_runs(filters=begun):
        if run.run_id != run_id:
            instance.report_run_failed(run, "进程中途被终止")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    return closed


class DailyRun(dg.ConfigurableResource):
    """What every step of one run shares.

    `home` is the state folder; empty means the environment's. `date` is the data date as YYYY-MM-DD; empty means
    yesterday in the city. Both are resolved once, when the run begins, so that a run over midnight stays one day's
    run. The writer lock is held from then to the run's end. `full_refresh` builds every table from nothing instead of
    carrying over those of the last good build.
    """

    home: str = ""
    date: str = ""
    full_refresh: bool = False
    _folder: RunFolder = PrivateAttr()
    _as_of: datetime.date = PrivateAttr()
    _lock: WriterLock = PrivateAttr()
    _is_whole: bool = PrivateAttr(default=False)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Take the lock and make the run's folder."""
        home = Home(Path(self.home)) if self.home else Home.from_environment()
        self._folder = RunFolder(home, str(context.run_id)[:8])
        self._lock = WriterLock(home)
        self._lock.acquire(self._folder.run_id)
        close_dead_runs(context.instance, str(context.run_id))
        run = context.run
        self._is_whole = run is not None and run.job_name == JOB and not run.asset_selection
        self._as_of = datetime.date.fromisoformat(self.date) if self.date else data_date()
        self._folder.begin()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Give the lock back. A whole run that ends without a verdict was stopped in the middle: that is its verdict."""
        from ingest.base.last_run import verdict_of
        from orchestration.run.failed_run import keep_reason

        is_told = False
        try:
            told = verdict_of(self._folder.home)
            if self._is_whole and (told is None or told["run_id"] != self._folder.run_id):
                keep_reason(self._folder, "本轮中途停止，没有走到发布；请再运行 jgt run")
            is_told = True
        finally:  # on a full disk nothing can be written: then the mark in the lock tells
            self._lock.release(is_told)

    @property
    def folder(self) -> RunFolder:
        """The run's folder."""
        return self._folder

    @property
    def as_of(self) -> datetime.date:
        """The data date of this run."""
        return self._as_of

    @property
    def run_id(self) -> str:
        """Short name of the run: folder, ledger and check results carry it."""
        return self._folder.run_id
