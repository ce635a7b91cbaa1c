"""Database servers for the tests of pulls: each is started once, when a test first asks for it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.database_servers import SECRET, DatabaseServer, mariadb_server, postgres_server


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder whose parents an unprivileged server may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="jgt-server-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[DatabaseServer]:
    """A PostgreSQL for all tests; a test makes tables of its own."""
    with _folder() as folder, postgres_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """A MariaDB for all tests; a test makes tables of its own."""
    with _folder() as folder, mariadb_server(folder) as server:
        yield server


@pytest.fixture
def postgres_to_kill() -> Iterator[DatabaseServer]:
    """A PostgreSQL that a test may end in the middle of a pull."""
    with _folder() as folder, postgres_server(folder) as server:
        yield server


@pytest.fixture
def mariadb_to_kill() -> Iterator[DatabaseServer]:
    """A MariaDB that a test may end in the middle of a pull."""
    with _folder() as folder, mariadb_server(folder) as server:
        yield server


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user and password of server `frontdb` of department yjgl, as an operator sets them."""
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_USER", "puller")
    monkeypatch.setenv("JGT_SECRET_YJGL_FRONTDB_PASSWORD", SECRET)
