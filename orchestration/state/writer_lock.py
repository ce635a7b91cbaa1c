"""The lock that makes a run the only writer, and the mark of the run that holds it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from datetime import UTC, datetime
from typing import IO

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.base.last_run import is_writing, lock_file, writers_mark
from orchestration.language import say

# seconds between tries: who only looks whether the lock is held has it for an instant
_LOCK_WAITS = (0.1, 0.2, None)


class WriterBusy(ShownError, RuntimeError):
    """Another run is writing; the message says what to do."""


class WriterLock:
    """One writer for the whole state folder, across processes (a second writer would block DuckDB's file).

    The file also bears the mark of the run that holds it. A run that ends takes its mark away; the mark of a killed
    one stays, and tells so.
    """

    def __init__(self, home: Home) -> None:
        """Args: home: the state folder to write in."""
        self._home = home
        self._path = lock_file(home)
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
        return is_writing(self._home)

    def mark(self) -> dict[str, str] | None:
        """pid, run_id and began (UTC) of the run that has not ended; None when the last one ended by itself."""
        return writers_mark(self._home)

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
