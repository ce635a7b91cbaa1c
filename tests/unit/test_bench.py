"""What a stage costs is read from the samples taken while its steps ran."""

from __future__ import annotations

import pytest

from orchestration.bench import Sample, stage_costs


def test_a_stage_has_the_cpu_and_the_peak_of_its_own_time() -> None:
    steps = [
        {"step": "lake__yjgl__hazard", "began": 100.0, "wall_seconds": 2.0, "cpu_seconds": 1.0},
        {"step": "dbt_build", "began": 102.0, "wall_seconds": 4.0, "cpu_seconds": 3.0},
    ]
    samples = [Sample(100.0, 1.0, 50), Sample(102.0, 2.5, 80), Sample(104.0, 4.0, 300), Sample(106.0, 6.0, 120)]
    intake, dbt = stage_costs(steps, samples)
    assert (intake.cpu_seconds, intake.wall_seconds, intake.peak_mb) == (pytest.approx(1.5), 2.0, 80)
    assert (dbt.cpu_seconds, dbt.wall_seconds, dbt.peak_mb) == (pytest.approx(3.5), 4.0, 300)
