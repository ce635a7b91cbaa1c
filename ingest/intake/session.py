"""What an intake works with: the lock that makes it the only one, an in-memory DuckDB, a reader of workbooks, the ledger."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingest.base.home import Home
from ingest.base.sql import memory_connection
from ingest.feeds.file_names import SYNTHETIC_MARKER
from ingest.feeds.model import Feed
from ingest.judging.judge import prepare_connection
from ingest.readers.excel import ExcelReader
from ingest.storage import lake
from ingest.storage.ledger import Ledger

MEMORY_MB = 1000  # judging 3M rows × 17 columns spills beyond it and still ends (README, 2026-11)
LEAST_MEMORY_MB = 300


@dataclass(frozen=True)
class Session:
    """What all files of one run share; from `open_session`."""

    home: Home
    connection: duckdb.DuckDBPyConnection
    excel: ExcelReader
    ledger: Ledger
    scratch: Path
    run_date: date
    run_id: str
    is_synthetic: bool


@contextmanager
def open_session(
    home: Home, ledger: Ledger, feeds: Mapping[str, Feed], run_date: date, run_id: str, share: int = 1
) -> Iterator[Session]:
    """Open everything that judging the given feeds needs; hold `alone` around it.

    Args:
        home: the state folder.
        ledger: open.
        feeds: those that will be judged, by id.
        run_date: the day the rows count as received on.
        run_id: the run that takes them in.
        share: how many such sessions share the memory.
    """
    with connected(home.build, share) as connection, ExcelReader() as excel:
        scratch = Path(connection.execute("select current_setting('temp_directory')").fetchall()[0][0])
        prepare_connection(connection, feeds.values())
        for feed in feeds.values():
            lake.write_schema(connection, home, feed)
        is_synthetic = (home.landing / SYNTHETIC_MARKER).exists()
        yield Session(home, connection, excel, ledger, scratch, run_date, run_id, is_synthetic)


@contextmanager
def alone(home: Home, feed_id: str | None = None) -> Iterator[None]:
    """One intake at a time: `prepare` must not take another run's unfinished files for orphans.

    Args:
        home: the state folder.
        feed_id: one feed's id: intakes of other feeds may go on beside it.
    """
    home.lake.mkdir(parents=True, exist_ok=True)
    with (home.lake / ".intake.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH if feed_id else fcntl.LOCK_EX)
        if feed_id is None:
            yield
            return
        with (home.lake / f".intake.{feed_id}.lock").open("w") as own:
            fcntl.flock(own, fcntl.LOCK_EX)
            yield


@contextmanager
def connected(parent: Path, share: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills into a folder of its own; one thread, so that the same input gives the same bytes."""
    scratch = tempfile.mkdtemp(prefix="intake-", dir=parent)
    connection = memory_connection(
        f"{max(MEMORY_MB // share, LEAST_MEMORY_MB)}MB",
        scratch,
        # readers write their text under the same names again and again; the cache takes a new file
        # within one tick of the clock for the old one (DuckDB 1.5.6, 3 of 400 reads failed, 2026-11)
        enable_external_file_cache=False,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)
