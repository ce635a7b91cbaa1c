"""What a command costs: CPU-seconds, wall time and peak memory of its process tree."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from orchestration.run.console import cpu_seconds

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """What one stage took: CPU-seconds of its whole process tree, wall seconds, peak resident megabytes."""

    stage: str
    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Sample:
    """A process tree at one moment: seconds since the epoch, CPU-seconds so far, resident megabytes."""

    at: float
    cpu_seconds: float
    resident_mb: float


class _Watch(threading.Thread):
    """Samples a process and all below it ten times a second; shared pages are counted in each of them."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process, self._over = process, threading.Event()
        self.samples: list[Sample] = []

    def run(self) -> None:
        while not self._over.wait(0.1):
            cpu, resident = 0.0, 0
            try:
                for member in [self._process, *self._process.children(recursive=True)]:
                    resident += member.memory_info().rss
                    cpu += sum(member.cpu_times()[:4])  # own and of ended children, user and system
            except psutil.NoSuchProcess:
                continue
            self.samples.append(Sample(time.time(), cpu, resident / 1e6))

    def stop(self) -> None:
        self._over.set()
        self.join()


def measure(stage: str, command: list[str], environment: dict[str, str]) -> tuple[Cost, list[Sample]]:
    """Run a command and measure its process tree.

    Returns:
        The cost of the whole, and the samples taken on the way.

    Raises:
        subprocess.CalledProcessError: when it fails; a failed stage has no figures.
    """
    wall, cpu = time.monotonic(), cpu_seconds()
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    watch = _Watch(psutil.Process(process.pid))
    watch.start()
    status = process.wait()
    watch.stop()
    if status != 0:
        raise subprocess.CalledProcessError(status, command)
    peak = max((s.resident_mb for s in watch.samples), default=0.0)
    return Cost(stage, cpu_seconds() - cpu, time.monotonic() - wall, peak), watch.samples
