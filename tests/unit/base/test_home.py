"""The state folder holds personal data: it is made for its owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

from ingest.base.home import Home
from orchestration.state.writer_lock import WriterLock


def _rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_new_state_folder_is_its_owners_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "home")
    home.ensure()
    assert _rights(home.root) == "0o700"


def test_a_folder_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o750)
    Home(tmp_path / "home").ensure()
    assert _rights(tmp_path / "home") == "0o750"


def test_whoever_writes_first_makes_it_private(tmp_path: Path) -> None:
    lock = WriterLock(Home(tmp_path / "home"))
    lock.acquire("r1")
    lock.release()
    assert _rights(tmp_path / "home") == "0o700"
