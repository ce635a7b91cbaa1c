"""The house: imports run one way, rooms are found by their names, pins agree and carry no address."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAY_IMPORT = {
    "ingest": set(),
    "quality": {"ingest"},
    "dashboards": set(),
    "orchestration": {"ingest", "quality", "dashboards"},
}
ROOMS = set(MAY_IMPORT)
REQUIREMENTS = ("orchestration/requirements.txt", "tests/requirements.txt", "dashboards/requirements.txt")


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_imports_run_one_way(room: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(_imported(path) & (ROOMS - {room} - MAY_IMPORT[room]))
        for path in (ROOT / room).rglob("*.py")
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_nothing_is_named_so_that_it_says_nothing() -> None:
    silent = re.compile(r"^(utils?|helpers?|common|misc|stuff|tmp)$")
    found = [p for room in [*ROOMS, "dbt_project", "tests"] for p in (ROOT / room).rglob("*") if silent.match(p.stem)]
    assert [str(p.relative_to(ROOT)) for p in found if "target" not in p.parts] == []


def test_no_file_has_grown_past_one_idea() -> None:
    files = [p for room in [*ROOMS, "tests"] for p in (ROOT / room).rglob("*.py")]
    files += list((ROOT / "dbt_project" / "models").rglob("*.sql"))
    assert {str(p.relative_to(ROOT)) for p in files if len(p.read_text("utf-8").splitlines()) > 450} == set()


def test_every_room_says_what_lives_there() -> None:
    rooms = [*ROOMS, "dbt_project", "tests"]
    assert [room for room in rooms if not (ROOT / room / "README.md").exists()] == []


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
