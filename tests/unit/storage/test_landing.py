"""Which file in the landing is whose, and which is not there yet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.feeds.file_names import fits
from ingest.storage import landing
from ingest.storage.landing import growing


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("检查_20261101.csv", True),
        ("检查_20261101.CSV", True),
        ("检查_20261101.xlsx", True),
        ("检查_20261101.zip", True),
        ("检查_20261101.csv.gz", True),
        ("检查_20261101.csv.zip", True),
        ("检查_20261101.jsonl", True),
        ("检查_20261101.docx", False),
        ("检查_20261101", False),
        ("旧检查_20261101.csv", False),
        ("检查.csv", False),
    ],
)
def test_a_feed_in_another_form_or_packed_is_the_same_feed(name: str, is_one: bool) -> None:
    assert fits(name, "检查_*.csv") is is_one


def test_a_pattern_without_an_extension_takes_what_it_says() -> None:
    assert [fits(name, "上报数据*") for name in ("上报数据.rar", "上报数据", "别的.csv")] == [True, True, False]


def made(path: Path, content: bytes, age: float = 0.0) -> Path:
    path.write_bytes(content)
    stamp = path.stat().st_mtime - age
    os.utime(path, (stamp, stamp))
    return path


def test_old_files_are_not_waited_for_whatever_they_hold(tmp_path: Path) -> None:
    old = [made(tmp_path / "a.csv", b"a,b\n", 60), made(tmp_path / "b.zip", b"PK\x03\x04", 60)]
    assert growing(old) == set()


def test_of_young_files_those_without_their_end_or_that_change_are_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made(tmp_path / "whole.zip", b"PK\x03\x04..PK\x05\x06" + bytes(18))
    half = made(tmp_path / "half.xlsx", b"PK\x03\x04")
    columns = made(tmp_path / "half.parquet", b"PAR1 and so on")
    growing_one = made(tmp_path / "growing.csv", b"a,b\n")

    def meanwhile(seconds: float) -> None:
        growing_one.write_bytes(b"a,b\n1,2\n")

    monkeypatch.setattr(landing.time, "sleep", meanwhile)
    assert growing([whole, half, columns, growing_one]) == {half, columns, growing_one}


def test_a_file_that_goes_away_between_two_looks_is_not_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "a.csv", b"a,b\n")
    monkeypatch.setattr(landing.time, "sleep", lambda seconds: path.unlink())
    assert growing([path]) == {path}
