"""`make bench`: CPU-seconds, wall time and peak memory of each stage, on a demo city of its own, and what the intake costs
against the least it could cost (`bench_ratios`).

The machine is noisy: compare CPU-seconds, and pairs of runs, never one wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import psutil

from orchestration.dev import bench_ratios
from orchestration.dev.measuring import Cost, Sample, measure

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
