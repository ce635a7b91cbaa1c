"""Setting up: a machine without a fitting Python hears so at once; pins decide whether there is anything to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.dev import environments
from orchestration.dev.environments import Environment


def _project(folder: Path) -> Environment:
    (folder / "pins.txt").write_text("one==1\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    return Environment(".venv", ("pins.txt",), installs_project=False)


def test_without_fitting_python_and_without_uv_it_says_so_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = _project(tmp_path)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setattr(environments, "fitting_python", lambda: None)
    monkeypatch.setattr(environments, "find_uv", lambda: None)
    with pytest.raises(SystemExit) as ended:
        environments.ensure(environment)
    assert ended.value.code == 1
    assert "3.11" in capsys.readouterr().err
    assert not (tmp_path / ".venv").exists()


def test_an_environment_is_ready_until_its_pins_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = _project(tmp_path)
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    assert not environments.is_ready(environment)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".jgt-stamps").write_text(environments.stamp_of(environment) + "\n")
    assert environments.is_ready(environment)
    (tmp_path / "pins.txt").write_text("one==2\n")
    assert not environments.is_ready(environment)


def test_an_interpreter_that_does_not_start_is_no_interpreter(tmp_path: Path) -> None:
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert environments._version(str(shim)) is None
