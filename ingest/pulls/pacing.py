"""Calls to one server at no more than its rate, across all feeds and processes of this machine."""

from __future__ import annotations

import fcntl
import re
import time
from pathlib import Path


class Pace:
    """Keeps calls apart. The next free moment is kept in a file, locked while it is read and moved on."""

    def __init__(self, folder: Path, host: str, rate: float | None) -> None:
        """Args: folder: where the file is; host: whom the calls go to; rate: calls a second, None for no limit."""
        self._path = folder / f"pace-{re.sub(r'[^A-Za-z0-9.-]', '_', host)}"
        self._apart = 1 / rate if rate else 0.0

    def wait(self) -> None:
        """Sleep until the next call may be made."""
        if not self._apart:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            now = time.time()
            told = file.read().strip()
            free = float(told) if told else now
            # a clock that was set back must not make us wait for hours
            mine = min(max(now, free), now + 60 * self._apart)
            file.seek(0)
            file.truncate()
            file.write(repr(mine + self._apart))
        time.sleep(max(0.0, mine - now))
