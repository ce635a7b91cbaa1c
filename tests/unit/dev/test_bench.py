"""What a stage costs is read from the samples taken while its steps ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.dev.bench import stage_costs
from orchestration.dev.bench_ratios import Pair, line, ratio, write_csv
from orchestration.dev.measuring import Sample


def test_a_stage_has_the_cpu_and_the_peak_of_its_own_time() -> None:
    steps = [
        {"step": "lake__yjgl__hazard", "began": 100.0, "wall_seconds": 2.0, "cpu_seconds": 1.0},
        {"step": "dbt_build", "began": 102.0, "wall_seconds": 4.0, "cpu_seconds": 3.0},
    ]
    samples = [Sample(100.0, 1.0, 50), Sample(102.0, 2.5, 80), Sample(104.0, 4.0, 300), Sample(106.0, 6.0, 120)]
    intake, dbt = stage_costs(steps, samples)
    assert (intake.cpu_seconds, intake.wall_seconds, intake.peak_mb) == (pytest.approx(1.5), 2.0, 80)
    assert (dbt.cpu_seconds, dbt.wall_seconds, dbt.peak_mb) == (pytest.approx(3.5), 4.0, 300)


def test_a_ratio_is_the_middle_of_its_pairs_not_the_ratio_of_the_middles() -> None:
    pairs = [Pair(4.0, 2.0, 500), Pair(9.0, 3.0, 700), Pair(5.0, 4.0, 600)]
    assert ratio(pairs) == pytest.approx(2.0)
    assert line("CSV", pairs, 2.0).split() == ["CSV", "5.00", "3.00", "2.00", "within", "2.0", "700"]
    assert "ABOVE 1.9" in line("CSV", pairs, 1.9)


def test_the_measured_file_is_the_same_each_time_and_dirty_in_few_rows(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_csv(tmp_path / name, 2000)
    text = (tmp_path / "a.csv").read_text("utf-8")
    assert text == (tmp_path / "b.csv").read_text("utf-8")
    assert len(text.splitlines()) == 2001
