"""One run's private folder under `build/`, the date it is for, and the lock that makes it the only writer."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import psutil

from ingest.base.errors import ShownError
from ingest.base.home import Home
from orchestration.language import say

CITY_TIME = ZoneInfo("Asia/Shanghai")
# build files of former runs are kept for looking into a failure; more would only fill the disk
KEPT_RUNS = 3
# dbt ends within a second when asked; only a query that does not listen is made to
_PATIENCE_SECONDS = 10
# seconds between tries: who only looks whether the lock is held has it for an instant
_LOCK_WAITS = (0.1, 0.2, None)


class WriterBusy(ShownError, RuntimeError):
    """Another run is writing; the message says what to do."""


def data_date(now: datetime | None = None) -> date:
    """The day that a run without `--date` is for: yesterday in the city, the last day that is complete."""
    return (now or datetime.now(CITY_TIME)).astimezone(CITY_TIME).date() - timedelta(days=1)


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


class WriterLock:
    """One writer for the whole state folder, across processes (a second writer would block DuckDB's file).

    The file also bears the mark of the run that holds it. A run that ends takes its mark away; the mark of a killed
    one stays, and tells so.
    """

    def __init__(self, home: Home) -> None:
        """Args: home: the state folder to write in."""
        self._home = home
        self._path = home.root / "writer.lock"
        self._file: IO[str] | None = None

    def acquire(self, run_id: str) -> None:
        """Take the lock for a run.

        Raises:
            WriterBusy: another process holds it.
        """
        self._home.ensure()
        file = self._path.open("a+", encoding="utf-8")
        for wait in _LOCK_WAITS:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if wait is None:
                    file.close()
                    raise self._busy() from error
                time.sleep(wait)
        file.seek(0)
        file.truncate()
        began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        file.write(json.dumps({"pid": str(os.getpid()), "run_id": run_id, "began": began}))
        file.flush()
        self._file = file

    def require_free(self) -> None:
        """Say at once that another run is writing, before anything is prepared for this one.

        Raises:
            WriterBusy: another process holds the lock.
        """
        if self.is_held():
            raise self._busy()

    def is_held(self) -> bool:
        """Whether a run is writing now, in this process or another."""
        if not self._path.exists():
            return False
        with self._path.open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def mark(self) -> dict[str, str] | None:
        """pid, run_id and began (UTC) of the run that has not ended; None when the last one ended by itself."""
        if not self._path.exists():
            return None
        try:
            told = json.loads(self._path.read_text("utf-8"))
        except ValueError:  # empty: ended; cut short: the disk was full when the run began, and it says so itself
            return None
        return told if isinstance(told, dict) and {"pid", "run_id", "began"} <= set(told) else None

    def _busy(self) -> WriterBusy:
        holder = (self.mark() or {}).get("pid", "?")
        return WriterBusy(
            say(
                f"另一轮正在写入（进程 {holder}）。请等它结束后重试；用 jgt status 看进度。",
                f"another run is writing (process {holder}). Wait for it to end, then retry; see jgt status.",
            )
        )

    def release(self, is_told: bool = True) -> None:
        """Give the lock back; harmless when it is not held.

        Args:
            is_told: whether the run left its verdict; if not, its mark stays to tell that it was broken off.
        """
        if self._file is not None:
            if is_told:
                self._file.seek(0)
                self._file.truncate()
            self._file.close()
            self._file = None


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
