"""One run's private folder under `build/`, the date it is for, and the lock that makes it the only writer."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from ingest.home import Home
from orchestration.language import say

CITY_TIME = ZoneInfo("Asia/Shanghai")
# build files of former runs are kept for looking into a failure; more would only fill the disk
KEPT_RUNS = 3


class WriterBusy(RuntimeError):
    """Another run is writing; the message says what to do."""


def data_date(now: datetime | None = None) -> date:
    """The day that a run without `--date` is for: yesterday in the city, the last day that is complete."""
    return (now or datetime.now(CITY_TIME)).astimezone(CITY_TIME).date() - timedelta(days=1)


def writing_file(home: Home) -> Path:
    """The running build's file under a path that is the same for every run.

    dbt keeps its parse only while the profile, and with it this path, stays the same (3.5 CPU-s, 2026-11).
    """
    return home.build / "writing" / "jgt.duckdb"


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
    def checks(self) -> Path:
        """One Parquet file of check results a layer."""
        return self.root / "checks"

    def begin(self) -> None:
        """Make the folder and drop those of old runs, oldest first."""
        self.checks.mkdir(parents=True, exist_ok=True)
        link = writing_file(self.home).parent
        link.unlink(missing_ok=True)
        link.symlink_to(self.run_id)
        runs = [
            p for p in self.home.build.iterdir() if not p.is_symlink() and (p / "checks").exists() and p != self.root
        ]
        for old in sorted(runs, key=lambda p: p.stat().st_mtime, reverse=True)[KEPT_RUNS:]:
            shutil.rmtree(old)

    def write_steps(self, steps: list[tuple[str, float, float]]) -> None:
        """Keep what each step took: (step, wall seconds, CPU-seconds of this process and its ended children)."""
        rows = [{"step": step, "wall_seconds": wall, "cpu_seconds": cpu} for step, wall, cpu in steps]
        (self.root / "steps.json").write_text(json.dumps(rows, indent=1), "utf-8")


class WriterLock:
    """One writer for the whole state folder, across processes (a second writer would block DuckDB's file)."""

    def __init__(self, home: Home) -> None:
        """Args: home: the state folder to write in."""
        self._path = home.root / "writer.lock"
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            WriterBusy: another process holds it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "?"
            file.close()
            raise WriterBusy(
                say(
                    f"另一轮正在写入（进程 {holder}）。请等它结束后重试；用 jgt status 看进度。",
                    f"another run is writing (process {holder}). Wait for it to end, then retry; see jgt status.",
                )
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None
