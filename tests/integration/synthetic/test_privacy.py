"""The demo city is made for its owner alone, as a real one would be."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.app import app


def test_generating_the_demo_makes_it_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JGT_HOME", str(tmp_path / "home"))
    made = CliRunner().invoke(app, ["synth", "--scale", "0.001", "--as-of", "2026-11-20"])
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
