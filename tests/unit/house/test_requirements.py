"""Pins agree, have their reason, and carry no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ("orchestration/requirements.txt", "tests/requirements.txt", "dashboards/requirements.txt")


def _pins(name: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        if match:
            pins.setdefault(match[1].lower().replace("_", "-"), set()).add(match[2])
    return pins


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_are_pinned_and_name_no_host(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "==" not in line or "://" in line or line.startswith("-")] == []


def test_both_environments_share_one_duckdb() -> None:
    assert _pins("orchestration/requirements.txt")["duckdb"] == _pins("dashboards/requirements.txt")["duckdb"]


def test_declared_dependencies_are_the_installed_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = {
        "orchestration/requirements.txt": project["project"]["dependencies"],
        "tests/requirements.txt": project["dependency-groups"]["dev"],
        "dashboards/requirements.txt": project["dependency-groups"]["bi"],
    }
    for name, wanted in declared.items():
        pins = _pins(name)
        for requirement in wanted:
            match = re.match(r"([A-Za-z0-9._-]+)(?:\[.*\])?(==|>=)([0-9.]+)", requirement)
            assert match, requirement
            assert match[3] in pins[match[1].lower()], f"{requirement}: {name} has {pins[match[1].lower()]}"


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = [line for line in text.splitlines() if re.match(r'\s+"[A-Za-z0-9._-]+(\[.*\])?(==|>=)', line)]
    assert listed
    assert [line for line in listed if "#" not in line] == []
