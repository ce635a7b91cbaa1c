"""`make bench`: CPU-seconds, wall time and peak memory of each stage, on a demo city of its own.

The machine is noisy: compare CPU-seconds, and pairs of runs, never one wall time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil

from orchestration.console import cpu_seconds

ROOT = Path(__file__).resolve().parent.parent
_AS_OF = date(2026, 11, 20)


@dataclass(frozen=True)
class Cost:
    """What one stage took: CPU-seconds of its whole process tree, wall seconds, peak resident megabytes."""

    stage: str
    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


class _PeakMemory(threading.Thread):
    """Samples the resident memory of a process and all below it; shared pages are counted in each of them."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process, self._over = process, threading.Event()
        self.peak_bytes = 0

    def run(self) -> None:
        while not self._over.wait(0.1):
            total = 0
            try:
                for member in [self._process, *self._process.children(recursive=True)]:
                    total += member.memory_info().rss
            except psutil.NoSuchProcess:
                continue
            self.peak_bytes = max(self.peak_bytes, total)

    def stop(self) -> None:
        self._over.set()
        self.join()


def measure(stage: str, command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command and measure its process tree.

    Raises:
        subprocess.CalledProcessError: when it fails; a failed stage has no figures.
    """
    wall, cpu = time.monotonic(), cpu_seconds()
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    memory = _PeakMemory(psutil.Process(process.pid))
    memory.start()
    status = process.wait()
    memory.stop()
    if status != 0:
        raise subprocess.CalledProcessError(status, command)
    return Cost(stage, cpu_seconds() - cpu, time.monotonic() - wall, memory.peak_bytes / 1e6)


def main() -> None:
    """Generate, run once from nothing, run once more forced; print the table."""
    import os

    parser = argparse.ArgumentParser(description="CPU-seconds, wall and peak memory per stage")
    parser.add_argument("--scale", type=float, default=0.01)
    scale = parser.parse_args().scale
    jgt = str(Path(sys.executable).with_name("jgt"))
    with tempfile.TemporaryDirectory(prefix="jgt-bench-") as folder:
        environment = {**os.environ, "JGT_HOME": folder}
        day = _AS_OF.isoformat()
        costs = [
            measure("synth", [jgt, "synth", "--scale", str(scale), "--seed", "7", "--as-of", day], environment),
            measure("landing → published (first)", [jgt, "run", "--date", day], environment),
            measure("nothing new", [jgt, "run", "--date", day], environment),
            measure("again, forced", [jgt, "run", "--date", day, "--force"], environment),
            measure("sql", [jgt, "sql", "select count(*) from core.dim_enterprise"], environment),
        ]
    print(f"\nscale {scale}; {psutil.cpu_count()} cores")
    print(f"{'stage':<30}{'CPU-s':>8}{'wall s':>8}{'peak MB':>9}")
    for cost in costs:
        print(f"{cost.stage:<30}{cost.cpu_seconds:>8.1f}{cost.wall_seconds:>8.1f}{cost.peak_mb:>9.0f}")


if __name__ == "__main__":
    main()
