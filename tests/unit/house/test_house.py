"""The house: imports run one way between all rooms, rooms are found by their names, each has its README."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[3]
# rooms a floor, the lowest first; a room may import what lies on the floors below it. Within `ingest`, within
# `orchestration` and between them the order is this one: see the READMEs of both.
FLOORS = (
    ("ingest.base",),
    ("ingest.feeds", "orchestration.language"),
    ("ingest.readers", "ingest.synthetic", "ingest.storage", "dashboards.published"),
    ("ingest.judging", "ingest.pulls", "ingest.matching", "dashboards", "orchestration.state"),
    ("ingest.intake", "quality"),
    ("ingest.correcting", "ingest.authoring", "orchestration.publish", "orchestration.dbt"),
    ("orchestration.run", "orchestration.lookup", "orchestration.steward", "orchestration.feed"),
    ("orchestration.operate", "orchestration.dev"),
    ("orchestration.cli",),
)
# what a floor alone would allow and the rooms' purposes do not
NEVER = {
    "dashboards": ("ingest.feeds", "ingest.readers", "ingest.storage", "ingest.judging"),
    "dashboards.published": ("ingest.feeds", "ingest.readers"),
    "ingest.synthetic": ("ingest.readers",),
    "ingest.authoring": ("ingest.correcting",),
    "orchestration.publish": ("orchestration.state", "orchestration.dbt"),
    "quality": ("ingest.judging", "ingest.intake", "orchestration.state"),
}
PACKAGES = ("ingest", "quality", "dashboards", "orchestration")
LONGEST_CHAIN = 8


def room_of(module: str) -> str | None:
    """The room that a module lies in; None for a package's own `__init__`."""
    rooms = [room for floor in FLOORS for room in floor if module == room or module.startswith(room + ".")]
    return max(rooms, key=len) if rooms else None


@cache
def graph() -> grimp.ImportGraph:
    """Every import between our modules, also those inside functions and those for types alone."""
    return grimp.build_graph(*PACKAGES, cache_dir=None)


@cache
def arrows() -> Mapping[str, frozenset[str]]:
    """Room → rooms that it imports."""
    found: dict[str, set[str]] = {room: set() for floor in FLOORS for room in floor}
    for module in graph().modules:
        for imported in graph().find_modules_directly_imported_by(module):
            here, there = room_of(module), room_of(imported)
            if here and there and here != there:
                found[here].add(there)
    return {room: frozenset(there) for room, there in found.items()}


def upward(arrows: Mapping[str, Iterable[str]], floors: Iterable[Iterable[str]]) -> list[tuple[str, str]]:
    """Arrows that do not lead to a lower floor."""
    floor_of = {room: number for number, floor in enumerate(floors) for room in floor}
    return sorted((here, there) for here in arrows for there in arrows[here] if floor_of[there] >= floor_of[here])


def circles(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Nodes that can be reached from themselves."""

    def reach(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for there in edges.get(todo.pop(), ()):
                if there not in seen:
                    seen.add(there)
                    todo.append(there)
        return seen

    return sorted(node for node in edges if node in reach(node))


def longest_chain(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """The longest way along the arrows, as rooms in order; there must be no circle."""

    @cache
    def below(room: str) -> tuple[str, ...]:
        return (room, *max((below(there) for there in edges[room]), key=len, default=()))

    return list(max((below(room) for room in edges), key=len))


def test_every_module_lies_in_a_room() -> None:
    homeless = {module for module in graph().modules if room_of(module) is None}
    assert homeless <= {"ingest", "orchestration"}


def test_arrows_run_down_between_all_rooms() -> None:
    assert upward(arrows(), FLOORS) == []


def test_rooms_keep_to_their_purpose() -> None:
    wrong = {(here, there) for here, never in NEVER.items() for there in never if there in arrows()[here]}
    assert wrong == set()


def test_no_module_is_on_a_circle() -> None:
    imports = {module: graph().find_modules_directly_imported_by(module) for module in graph().modules}
    assert circles(imports) == []


def test_no_chain_between_rooms_is_longer_than_eight() -> None:
    chain = longest_chain(arrows())
    assert len(chain) - 1 <= LONGEST_CHAIN, " → ".join(chain)


def test_the_guards_bite() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": set()}
    assert upward(edges, (("c",), ("b",), ("a",))) == []
    assert upward(edges, (("c", "b"), ("a",))) == [("b", "c")]
    assert circles(edges | {"c": {"b"}}) == ["b", "c"]
    assert longest_chain(edges) == ["a", "b", "c"]


def test_dashboards_need_nothing_that_superset_does_not_bring() -> None:
    """Superset's environment has none of the warehouse's packages: of `ingest`, `base` alone, on the standard library."""
    shown = {module for module in graph().modules if module.startswith("dashboards")}
    reached = {below for module in shown for below in graph().find_upstream_modules(module)} - shown
    assert {module for module in reached if not module.startswith("ingest.base")} <= {"ingest"}
    for module in reached:
        path = ROOT / (module.replace(".", "/") + ".py")
        source = path if path.exists() else path.with_suffix("") / "__init__.py"
        assert _packages(source) <= {*sys.stdlib_module_names, "ingest"}, module


def _packages(source: Path) -> set[str]:
    """Top-level packages that a module imports at any place."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_nothing_is_named_so_that_it_says_nothing() -> None:
    silent = re.compile(r"^(utils?|helpers?|common|misc|stuff|tmp)$")
    found = [
        p for room in [*PACKAGES, "dbt_project", "tests"] for p in (ROOT / room).rglob("*") if silent.match(p.stem)
    ]
    assert [str(p.relative_to(ROOT)) for p in found if "target" not in p.parts] == []


def test_no_file_has_grown_past_one_idea() -> None:
    files = [p for room in [*PACKAGES, "tests"] for p in (ROOT / room).rglob("*.py")]
    files += list((ROOT / "dbt_project" / "models").rglob("*.sql"))
    assert {str(p.relative_to(ROOT)) for p in files if len(p.read_text("utf-8").splitlines()) > 450} == set()


ROOMS_WITH_README = sorted(
    {room.replace(".", "/") for floor in FLOORS for room in floor if (ROOT / room.replace(".", "/")).is_dir()}
    | {"ingest", "orchestration", "dbt_project", "tests"}
)


@pytest.mark.parametrize("room", ROOMS_WITH_README)
def test_every_room_says_what_lives_there(room: str) -> None:
    page = ROOT / room / "README.md"
    assert page.exists()
    text = page.read_text("utf-8")
    named = {p.name for p in (ROOT / room).glob("*.py")} - {"__init__.py", "conftest.py"}
    assert sorted(name for name in named if not re.search(rf"\b{name.removesuffix('.py')}\b", text)) == []


@pytest.mark.parametrize("kind", ["unit", "integration"])
def test_tests_lie_in_folders_named_like_the_rooms(kind: str) -> None:
    rooms = {room.rsplit(".", 1)[-1] for floor in FLOORS for room in floor}
    folders = {p.name for p in (ROOT / "tests" / kind).iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= rooms | {"house", "city"}
    assert [p.name for p in (ROOT / "tests" / kind).glob("test_*.py")] == []
