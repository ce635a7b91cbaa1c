"""What several kinds of tests share: one demo city, published once a session by the real commands."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from xdist.scheduler import LoadScopeScheduling

from ingest.base.home import Home
from ingest.storage import landing
from ingest.synthetic.city import truth_folder
from orchestration.lookup.connection import connect

ROOT = Path(__file__).resolve().parent.parent
# fixed, so that the city and its truth are the same on every day the tests run
AS_OF = date(2026, 11, 20)
SCALE, SEED = 0.01, 7


class FilesSideBySide(LoadScopeScheduling):
    """A file's tests run in one process, with its fixtures; those of the browser in one, with their Superset."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "tests/browser" if file.startswith("tests/browser/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesSideBySide:
    """How `make test` shares the tests out (xdist's own groups do not work with pytest 9.2, 2026-11)."""
    return FilesSideBySide(config, log)


@pytest.fixture(autouse=True)
def files_need_no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests write whole files and take them in at once: nothing is to be waited for between two looks."""
    monkeypatch.setattr(landing, "LOOK_APART_SECONDS", 0.0)


@pytest.fixture(scope="session")
def jgt() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the `jgt` command as a user does: `jgt(home, "status", "--json")`; output captured, status not checked."""

    def call(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("jgt")), *arguments]
        environment = {**os.environ, "JGT_HOME": str(home.root), "JGT_LANG": "zh", "COLUMNS": "200"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)

    return call


@pytest.fixture(scope="session")
def published_home(
    tmp_path_factory: pytest.TempPathFactory, jgt: Callable[..., subprocess.CompletedProcess[str]]
) -> Home:
    """The demo city at scale 0.01, from files to a published version. Tests read it and leave it as it is.

    `JGT_TEST_HOME` names one that is already there, to save the minute while writing tests.
    """
    ready = os.environ.get("JGT_TEST_HOME")
    if ready:
        return Home(Path(ready))
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _publish(Home(tmp_path_factory.mktemp("city") / "home"), jgt)
    # processes side by side have their own folders in one: whoever comes first builds, the others wait
    shared = tmp_path_factory.getbasetemp().parent
    home = Home(shared / "city" / "home")
    with (shared / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "city.done").exists():
            _publish(home, jgt)
            (shared / "city.done").touch()
    return home


def _publish(home: Home, jgt: Callable[..., subprocess.CompletedProcess[str]]) -> Home:
    home.root.parent.mkdir(parents=True, exist_ok=True)
    day = AS_OF.isoformat()
    made = jgt(home, "synth", "--scale", str(SCALE), "--seed", str(SEED), "--as-of", day)
    assert made.returncode == 0, made.stdout + made.stderr
    ran = jgt(home, "run", "--date", day)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return home


@pytest.fixture(scope="session")
def warehouse(published_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file as every reader opens it. One for all: connections of a process to a file share settings."""
    connection = connect(published_home)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def manifest_path(published_home: Home) -> Path:
    """dbt's manifest of the published city."""
    from orchestration.publish.publishing import published_manifest_path

    return published_manifest_path(published_home)


@pytest.fixture(scope="session")
def truth(published_home: Home) -> dict[str, Any]:
    """What the generator says the files hold and the marts must come to."""
    told: dict[str, Any] = json.loads((truth_folder(published_home.landing) / "truth.json").read_text("utf-8"))
    return told
