"""`jgt match` as a steward uses it: look, decide, think better of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.base.home import Home
from ingest.matching.linking import link
from ingest.matching.state import decisions_wait
from tests.support.small_register import FEEDS, REGISTER, TIPS, deliver, links, registered

Jgt = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two shops of one name, and a tip that does not say which."""
    home = Home(tmp_path / "home")
    rows = [
        registered("E1", "江宁区张三小吃店", "江宁区双龙大道128号"),
        registered("E2", "江宁区张三小吃店", "江宁区胜太路5号"),
    ]
    deliver(home, REGISTER, rows)
    deliver(home, TIPS, [{"tip_no": "1", "enterprise_name": "江宁区张三小吃店", "district_code": "320115"}])
    link(home, FEEDS)
    return home


def _queue(jgt: Jgt, home: Home, *options: str) -> list[dict[str, Any]]:
    shown = jgt(home, "match", "list", "--json", *options)
    assert shown.returncode == 0, shown.stderr
    found: list[dict[str, Any]] = json.loads(shown.stdout)
    return found


def test_a_steward_decides_and_the_next_run_knows(home: Home, jgt: Jgt) -> None:
    first, second = _queue(jgt, home)
    assert {first["entity_name"], second["mention_name"]} == {"江宁区张三小吃店"}
    assert not decisions_wait(home)

    nameless = jgt(home, "match", "accept", first["candidate_id"], "--by", " ")
    assert (nameless.returncode, "--by" in nameless.stderr) == (1, True)
    accepted = jgt(home, "match", "accept", first["candidate_id"], "--by", "李娜", "--reason", "电话核实")
    assert accepted.returncode == 0, accepted.stderr
    assert "1 个候选随之否定" in accepted.stdout
    assert decisions_wait(home)  # so that `jgt run` has something to do
    assert _queue(jgt, home) == []
    link(home, FEEDS)
    assert links(home)["江宁区张三小吃店"] == (first["entity_id"], "linked", "decision")
    assert not decisions_wait(home)

    shown = json.loads(jgt(home, "match", "show", first["candidate_id"], "--json").stdout)
    assert (shown["state"], shown["decided_by"], shown["decision_reason"]) == ("accepted", "李娜", "电话核实")
    assert [r["candidate_id"] for r in shown["rivals"]] == [second["candidate_id"]]

    again = jgt(home, "match", "reject", first["candidate_id"], "--by", "王强")
    assert (again.returncode, "李娜" in again.stderr) == (1, True)
    assert jgt(home, "match", "undo", first["candidate_id"], "--by", "王强").returncode == 0
    assert {c["candidate_id"] for c in _queue(jgt, home)} == {first["candidate_id"], second["candidate_id"]}
    assert len(json.loads(jgt(home, "match", "show", first["candidate_id"], "--json").stdout)["history"]) == 4


def test_the_list_is_narrowed_by_department_and_score(home: Home, jgt: Jgt) -> None:
    assert len(_queue(jgt, home, "--department", "szrx")) == 2
    assert _queue(jgt, home, "--department", "cgj") == []
    assert _queue(jgt, home, "--min-score", "0.999") == []
    assert "张三小吃店" in jgt(home, "match", "list").stdout


def test_what_does_not_exist_is_said_so(home: Home, jgt: Jgt, tmp_path: Path) -> None:
    unknown = jgt(home, "match", "accept", "FFFF", "--by", "李娜")
    assert (unknown.returncode, "FFFF" in unknown.stderr, "Traceback" in unknown.stderr) == (1, True, False)
    nothing = jgt(Home(tmp_path / "other"), "match", "list")
    assert (nothing.returncode, "jgt run" in nothing.stderr) == (1, True)
    assert jgt(home, "match", "list", "--state", "wrong").returncode == 2
