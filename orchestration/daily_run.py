"""The resource that makes a run one run: its date, its folder, and the lock that keeps other writers out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from ingest.home import Home
from orchestration.run_folder import RunFolder, WriterLock, data_date


class DailyRun(dg.ConfigurableResource):
    """What every step of one run shares.

    `home` is the state folder; empty means the environment's. `date` is the data date as YYYY-MM-DD; empty means
    yesterday in the city. Both are resolved once, when the run begins, so that a run over midnight stays one day's
    run. The writer lock is held from then to the run's end.
    """

    home: str = ""
    date: str = ""
    _folder: RunFolder = PrivateAttr()
    _as_of: datetime.date = PrivateAttr()
    _lock: WriterLock = PrivateAttr()
    _note: Callable[[str], None] = PrivateAttr(default=lambda text: None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Take the lock and make the run's folder."""
        home = Home(Path(self.home)) if self.home else Home.from_environment()
        self._lock = WriterLock(home)
        self._lock.acquire()
        self._folder = RunFolder(home, str(context.run_id)[:8])
        self._as_of = datetime.date.fromisoformat(self.date) if self.date else data_date()
        self._folder.begin()

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Give the lock back."""
        self._lock.release()

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
