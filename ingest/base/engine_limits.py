"""How much memory and how many threads DuckDB may take: a share of this machine, or of the container that it runs in.

`JGT_MEMORY_LIMIT` (such as `2GB`) sets the memory by hand. The other processes of a run take up to 2 GB beside it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from ingest.base.errors import ShownError

VARIABLE = "JGT_MEMORY_LIMIT"
# of the memory that DuckDB finds, a container's limit included; a whole city wants 4 GB of 24 (2026-12)
_SHARE = 6
_LEAST_MB, _MOST_MB = 1_000, 16_000
# a thread with less than this fills the memory with half-made results: 13M rows with long texts, out of memory with two
# threads in 2 GB, written by one (2026-12)
_MB_A_THREAD = 1_500
_DUCKDB_TAKES = 0.8  # of the memory, unless told otherwise
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


class LimitUnreadable(ShownError):
    """`JGT_MEMORY_LIMIT` is not an amount of memory."""


@dataclass(frozen=True)
class EngineLimits:
    """What one DuckDB may take.

    Args:
        memory_mb: megabytes (10⁶ bytes); beyond them it spills to disk.
        threads: at once.
    """

    memory_mb: int
    threads: int

    @property
    def memory_limit(self) -> str:
        """As DuckDB writes it, such as `4000MB`."""
        return f"{self.memory_mb}MB"

    def settings(self) -> dict[str, str]:
        """For `duckdb.connect(config=…)`."""
        return {"memory_limit": self.memory_limit, "threads": str(self.threads)}

    def part(self, parts: int) -> EngineLimits:
        """The limits of one of several engines that work at the same time."""
        return _fitting(max(self.memory_mb // parts, _LEAST_MB // 2), self.threads)


def engine_limits() -> EngineLimits:
    """The limits of the one engine that works in a step of a run.

    Raises:
        LimitUnreadable: when `JGT_MEMORY_LIMIT` is no amount of memory, or less than 500 MB.
    """
    import duckdb

    with duckdb.connect() as connection:
        sql = "select current_setting('memory_limit'), current_setting('threads')"
        memory, threads = connection.execute(sql).fetchall()[0]
    by_hand = os.environ.get(VARIABLE)
    if by_hand:
        return _fitting(_by_hand(by_hand), int(threads))
    share = megabytes(memory) / _DUCKDB_TAKES / _SHARE
    return _fitting(int(min(max(share, _LEAST_MB), _MOST_MB)), int(threads))


def megabytes(amount: str) -> int:
    """An amount of memory as DuckDB writes it (`18.8 GiB`, `2GB`), in megabytes.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?I?)B?\s*", amount.upper())
    if not found or found[2] == "I":
        raise ValueError(amount)
    return int(float(found[1]) * _UNITS[found[2]] / 10**6)


def _by_hand(amount: str) -> int:
    try:
        found = megabytes(amount)
    except ValueError:
        found = 0
    if found < _LEAST_MB // 2:
        raise LimitUnreadable(
            f"环境变量 {VARIABLE}={amount} 不是可用的内存量：请写成 4GB 或 2500MB 这样的形式，不少于 500MB；"
            "不设此变量时按本机内存的六分之一"
        )
    return found


def _fitting(memory_mb: int, cores: int) -> EngineLimits:
    """As many threads as the memory feeds."""
    return EngineLimits(memory_mb, max(1, min(cores, memory_mb // _MB_A_THREAD)))
