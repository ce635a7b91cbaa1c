"""`make bench`: CPU-seconds, wall time and peak memory of each stage, on a demo city of its own, and what the intake costs
against the least it could cost (`bench_ratios`).

The machine is noisy: compare CPU-seconds, and pairs of runs, never one wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from orchestration.dev import bench_ratios
from orchestration.run.console import cpu_seconds

ROOT = Path(__file__).resolve().parents[2]
_AS_OF = date(2026, 11, 20)


# steps of the job → the stage they belong to
_STAGES = {
    "lake__": "  take in",
    "raw_checks": "  judge lake and raw batches",
    "dbt_build": "  dbt build",
    "serving__gate": "  judge marts, reconcile",
    "serving__published": "  publish",
}


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


def stage_costs(steps: list[dict[str, Any]], samples: list[Sample]) -> list[Cost]:
    """The stages within one run, from the times of its steps and the samples taken meanwhile.

    A child that works ahead (Great Expectations is imported while files are taken in) counts where it worked.
    """
    costs = []
    for prefix, stage in _STAGES.items():
        own = [s for s in steps if s["step"].startswith(prefix)]
        if not own:
            continue
        began = min(s["began"] for s in own)
        ended = max(s["began"] + s["wall_seconds"] for s in own)
        if prefix == "lake__":  # the ledger's step comes after the raw checks
            ended = began + sum(s["wall_seconds"] for s in own)
        within = [s for s in samples if began <= s.at <= ended]
        cpu = within[-1].cpu_seconds - within[0].cpu_seconds if within else 0.0
        costs.append(Cost(stage, cpu, ended - began, max((s.resident_mb for s in within), default=0.0)))
    return costs


def main() -> None:
    """Generate, run once from nothing, run once more forced; print the table, then the ratios."""
    parser = argparse.ArgumentParser(description="CPU-seconds, wall and peak memory per stage")
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--rows", type=int, default=bench_ratios.CSV_ROWS, help="rows of the city-scale file; 0: none")
    parser.add_argument("--ratios-only", action="store_true")
    asked = parser.parse_args()
    if not asked.ratios_only:
        _stages(asked.scale)
    if asked.rows:
        with tempfile.TemporaryDirectory(prefix="jgt-bench-") as folder:
            bench_ratios.report(Path(folder), asked.rows)


def _stages(scale: float) -> None:
    """The stages of a run from nothing and of one forced."""
    jgt = str(Path(sys.executable).with_name("jgt"))
    with tempfile.TemporaryDirectory(prefix="jgt-bench-") as folder:
        environment = {**os.environ, "JGT_HOME": folder}
        day = _AS_OF.isoformat()
        run = [jgt, "run", "--date", day]
        costs = [measure("synth", [jgt, "synth", "--scale", str(scale), "--seed", "7", "--as-of", day], environment)[0]]
        for stage, command in (("landing → published", run), ("again, forced", [*run, "--force"])):
            whole, samples = measure(stage, command, environment)
            steps = json.loads((Path(folder) / "build" / "writing" / "steps.json").read_text("utf-8"))
            costs += [whole, *stage_costs(steps, samples)]
        costs.append(measure("nothing new", run, environment)[0])
        costs.append(measure("sql", [jgt, "sql", "select count(*) from core.dim_enterprise"], environment)[0])
    print(f"\nscale {scale}; {psutil.cpu_count()} cores")
    print(f"{'stage':<30}{'CPU-s':>8}{'wall s':>8}{'peak MB':>9}")
    for cost in costs:
        print(f"{cost.stage:<30}{cost.cpu_seconds:>8.1f}{cost.wall_seconds:>8.1f}{cost.peak_mb:>9.0f}")


if __name__ == "__main__":
    main()
