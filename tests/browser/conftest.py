"""A person's view: Superset provisioned and served from the published city, and a browser in front of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ingest.base.home import Home
from tests.support.served_dashboards import CHROMIUM, FLAGS, PYTHON, ROOT, Served, log_in

STARTS_WITHIN_SECONDS = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = []
    if CHROMIUM is None:
        missing.append("没有 chromium（apt-get install chromium fonts-noto-cjk）")
    if not PYTHON.exists():
        missing.append("没有 Superset 环境 .venv-bi（make setup）")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="；".join(missing)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def bi_home(published_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Superset's own state beside the published version, which is left as it is."""
    home = tmp_path_factory.mktemp("bi") / "home"
    (home / "serving").mkdir(parents=True)
    (home / "serving" / "current").symlink_to(published_home.current.resolve().parent)
    return home


@pytest.fixture(scope="session")
def bi_environment(bi_home: Path, manifest_path: Path) -> dict[str, str]:
    return {**os.environ, "JGT_HOME": str(bi_home), "JGT_MANIFEST": str(manifest_path), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def provisioned(bi_environment: dict[str, str]) -> str:
    """What the first provisioning said."""
    done = subprocess.run(
        [PYTHON, "-m", "dashboards.provision"], env=bi_environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="session")
def served(provisioned: str, bi_home: Path, bi_environment: dict[str, str]) -> Iterator[Served]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = bi_home / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, "-m", "dashboards.serve", "--port", str(port)],
            env=bi_environment,
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            assert process.poll() is None, log.read_text("utf-8", "replace")[-4000:]
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")[-4000:]
            try:
                with direct.open(f"{address}/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.5)
        lines = (bi_home / "superset" / "passwords.txt").read_text("utf-8").splitlines()
        passwords = dict(line.split("\t", 1) for line in lines if not line.startswith("#"))
        yield Served(address, bi_home, passwords)
    finally:
        started = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=90)
        assert psutil.wait_procs(started, timeout=30)[1] == [], "SIGTERM left a child behind"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def leader(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    context = log_in(browser, served, "leader")
    yield context
    context.close()


@pytest.fixture
def leaders_page(leader: BrowserContext) -> Iterator[Page]:
    page = leader.new_page()
    yield page
    page.close()
