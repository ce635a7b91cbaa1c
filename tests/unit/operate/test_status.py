"""`jgt status` holds the same fields in every state of the home, and those are the fields that its README lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.base.home import Home
from ingest.storage.ledger import Ledger
from orchestration.operate.status import collect, show

README = Path(__file__).resolve().parents[3] / "orchestration" / "operate" / "README.md"


def _empty(home: Home) -> None:
    home.ensure()


def _with_ledger(home: Home) -> None:
    home.lake.mkdir(parents=True)
    Ledger(home.ledger).close()


def _damaged(home: Home) -> None:
    home.lake.mkdir(parents=True)
    home.ledger.write_bytes(b"this is no ledger" * 400)


STATES = {"empty": _empty, "with a ledger": _with_ledger, "damaged": _damaged}


def documented() -> set[str]:
    section = README.read_text("utf-8").split("## `jgt status --json`", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


@pytest.mark.parametrize("state", STATES)
def test_the_fields_are_those_of_the_readme(tmp_path: Path, state: str) -> None:
    home = Home(tmp_path / "home")
    STATES[state](home)
    assert set(collect(home).as_json()) == documented()


@pytest.mark.parametrize("state", STATES)
def test_every_state_can_be_shown(tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home")
    STATES[state](home)
    show(collect(home))
    shown = capsys.readouterr().out
    assert "尚未发布" in shown
    assert ("✘" in shown) is (state == "damaged")
