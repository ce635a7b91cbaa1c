"""Files are whole or not there, private where they must be, and known by their sha256."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from ingest.base import files


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\x00" * 100_000 + b"x")
    assert files.sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_text_replaces_text_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    files.write_text(path, "一")
    files.write_text(path, "二")
    assert path.read_text("utf-8") == "二"
    assert list(path.parent.iterdir()) == [path]


def test_private_text_is_its_owners_alone_from_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    files.write_text(path, "x", 0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    files.write_text(path, "old")

    def power_cut(_: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        files.write_text(path, "new")
    assert path.read_text("utf-8") == "old"


def test_what_is_settled_has_its_name_and_its_sha256(tmp_path: Path) -> None:
    temporary, path = tmp_path / ".a.tmp", tmp_path / "a"
    temporary.write_bytes(b"rows")
    assert files.settle_hashed(temporary, path) == hashlib.sha256(b"rows").hexdigest()
    assert (temporary.exists(), path.read_bytes()) == (False, b"rows")
