"""DuckDB's share of the machine: it follows the memory, obeys the operator, and says when it cannot."""

from __future__ import annotations

import pytest

from ingest.base import engine_limits as limits
from ingest.base.engine_limits import EngineLimits, LimitUnreadable, engine_limits


@pytest.mark.parametrize(
    ("amount", "expected_mb"),
    [("18.8 GiB", 20_186), ("2GB", 2_000), ("512 MB", 512), ("953.6 MiB", 999), ("1TB", 10**6)],
)
def test_amounts_are_read_as_duckdb_writes_them(amount: str, expected_mb: int) -> None:
    assert limits.megabytes(amount) == expected_mb


@pytest.mark.parametrize("amount", ["", "viel", "2 GB 5", "-1GB", "80%", "IB"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError):
        limits.megabytes(amount)


def test_the_operator_sets_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.VARIABLE, "2GB")
    assert engine_limits().memory_limit == "2000MB"
    assert engine_limits().threads == 1  # two threads run out of 2 GB


@pytest.mark.parametrize("amount", ["much", "300MB", "0"])
def test_a_limit_that_is_none_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch, amount: str) -> None:
    monkeypatch.setenv(limits.VARIABLE, amount)
    with pytest.raises(LimitUnreadable, match="4GB"):
        engine_limits()


def test_without_a_word_it_is_a_part_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.delenv(limits.VARIABLE, raising=False)
    machine_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 10**6
    found = engine_limits()
    assert 1_000 <= found.memory_mb <= max(1_000, machine_mb / 5)
    assert 1 <= found.threads <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("memory_mb", "cores", "threads"), [(1_000, 2, 1), (3_000, 2, 2), (4_000, 16, 2), (16_000, 4, 4)]
)
def test_no_more_threads_than_the_memory_feeds(memory_mb: int, cores: int, threads: int) -> None:
    assert limits._fitting(memory_mb, cores).threads == threads


def test_engines_side_by_side_share_it() -> None:
    assert EngineLimits(4_000, 2).part(2) == EngineLimits(2_000, 1)
    assert EngineLimits(1_000, 1).part(4).memory_mb == 500  # below that nothing works
