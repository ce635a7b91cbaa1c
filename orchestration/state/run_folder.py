"""One run's private folder under `build/`, the date it is for, and the lock that makes it the only writer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from ingest.base.clock import CITY_ZONE
from ingest.base.home import Home

# build files of former runs are kept for looking into a failure; more would only fill the disk
KEPT_RUNS = 3
# dbt ends within a second when asked; only a query that does not listen is made to
_PATIENCE_SECONDS = 10


def data_date(now: datetime | None = None) -> date:
    """The day that a run without `--date` is for: yesterday in the city, the last day that is complete."""
    return (now or datetime.now(CITY_ZONE)).astimezone(CITY_ZONE).date() - timedelta(days=1)


def writing_file(home: Home) -> Path:
    """The running build's file under a path that is the same for every run.

    dbt keeps its parse only while the profile, and with it this path, stays the same (3.5 CPU-s, 2026-11).
    """
    return home.build / "writing" / "jgt.duckdb"


def last_good_link(home: Home) -> Path:
    """The folder of the last published run: what the next one carries its tables over from (`increments`)."""
    return home.build / "last_good"


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run. `build_file` keeps a constant name: DuckDB takes the catalog's name from it."""

    home: Home
    run_id: str

    @property
    def root(self) -> Path:
        """The folder of this run."""
        return self.home.build / self.run_id

    @property
    def build_file(self) -> Path:
        """The private warehouse file that dbt writes and the gate reads."""
        return self.root / "jgt.duckdb"

    @property
    def target(self) -> Path:
        """dbt's artifacts of this run."""
        return self.root / "target"

    @property
    def dbt_process(self) -> Path:
        """The id of this run's dbt, while it works."""
        return self.root / "dbt.pid"

    @property
    def checks(self) -> Path:
        """One Parquet file of check results a layer."""
        return self.root / "checks"

    def begin(self) -> None:
        """Make the folder, end what a killed run left working, and drop the folders of old runs, oldest first.

        The last published run's stays: the next build is carried over from it.
        """
        end_left_over_dbt(self.home)
        self.checks.mkdir(parents=True, exist_ok=True)
        link = writing_file(self.home).parent
        link.unlink(missing_ok=True)
        link.symlink_to(self.run_id)
        good = last_good_link(self.home)
        kept = {self.root, good.parent / good.readlink()} if good.is_symlink() else {self.root}
        runs = [
            p for p in self.home.build.iterdir() if not p.is_symlink() and (p / "checks").exists() and p not in kept
        ]
        for old in sorted(runs, key=lambda p: p.stat().st_mtime, reverse=True)[KEPT_RUNS:]:
            shutil.rmtree(old)

    def write_steps(self, steps: Sequence[Any]) -> None:
        """Keep what each step took (`console.Step`s), for `make bench` and whoever asks why a run was slow."""
        (self.root / "steps.json").write_text(json.dumps([asdict(step) for step in steps], indent=1), "utf-8")


def end_left_over_dbt(home: Home) -> list[int]:
    """End the dbt of a run that was killed: it works on without its parent and would write beside the next run.

    Call it with the writer's lock held. A process is ours only if its environment names that run's own target.

    Returns:
        Ids of the processes that were ended.
    """
    ended = []
    for note in home.build.glob("*/dbt.pid"):
        target = str(note.parent / "target")
        try:
            process = psutil.Process(int(note.read_text("utf-8")))
            if process.environ().get("DBT_TARGET_PATH") == target:
                process.terminate()
                try:
                    process.wait(_PATIENCE_SECONDS)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(_PATIENCE_SECONDS)
                ended.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError):
            pass  # it has ended, or the number belongs to someone else by now
        note.unlink()
    return ended
