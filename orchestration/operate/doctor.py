"""`jgt doctor`: what this machine lacks or has wrong, and how to mend it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.base.home import Home
from orchestration.language import say

ROOT = Path(__file__).resolve().parents[2]
# scale 0.01 needs 0.4 GB; five versions of scale 1.0 some 20 GB
_DISK_WANTED_GB = 2
_MEMORY_WANTED_GB = 4


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ok, warn (works, with a limit) or fail (must be mended)."""

    what: str
    outcome: Literal["ok", "warn", "fail"]
    seen: str
    remedy: str = ""


def examine(home: Home) -> list[Finding]:
    """Look at everything the product needs; reads only."""
    return [
        _python(),
        _engine(),
        _superset(),
        _browser(),
        _font(),
        _disk(home),
        _memory(),
        _writable(home),
        _published(home),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 12)
    remedy = say("安装 Python 3.11 或 3.12 后运行 make setup", "install Python 3.11 or 3.12, then make setup")
    return Finding("Python", "ok" if fits else "fail", version, "" if fits else remedy)


def _engine() -> Finding:
    import duckdb

    wanted = _pin("orchestration/requirements.txt")
    fits = duckdb.__version__ == wanted
    remedy = say(f"应为 {wanted}：运行 make setup", f"should be {wanted}: run make setup")
    return Finding("DuckDB", "ok" if fits else "fail", duckdb.__version__, "" if fits else remedy)


def _pin(requirements: str) -> str:
    lines = (ROOT / requirements).read_text("utf-8").splitlines()
    return next(line.split("==")[1].split()[0] for line in lines if line.startswith("duckdb=="))


def _superset() -> Finding:
    python = ROOT / ".venv-bi" / "bin" / "python"
    remedy = say("运行 make setup", "run make setup")
    if not python.exists():
        return Finding("Superset (.venv-bi)", "fail", say("没有", "missing"), remedy)
    code = "import importlib.metadata as m; print(m.version('apache-superset'), m.version('duckdb'))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True)
    if done.returncode != 0:
        return Finding("Superset (.venv-bi)", "fail", done.stderr.strip().splitlines()[-1], remedy)
    superset, engine = done.stdout.split()
    if engine != _pin("dashboards/requirements.txt"):
        return Finding("Superset (.venv-bi)", "fail", f"{superset}, duckdb {engine}", remedy)
    return Finding("Superset (.venv-bi)", "ok", superset)


def _browser() -> Finding:
    found = next((b for b in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if b), None)
    remedy = say("只影响浏览器测试：apt install chromium", "browser tests only: apt install chromium")
    return Finding("Chromium", "ok" if found else "warn", found or say("没有", "missing"), "" if found else remedy)


def _font() -> Finding:
    listing = shutil.which("fc-list")
    has_cjk = listing is not None and bool(subprocess.run([listing, ":lang=zh"], capture_output=True).stdout.strip())
    remedy = say("只影响本机截图：apt install fonts-noto-cjk", "screenshots here only: apt install fonts-noto-cjk")
    seen = say("有", "present") if has_cjk else say("没有", "missing")
    return Finding(say("中文字体", "Chinese font"), "ok" if has_cjk else "warn", seen, "" if has_cjk else remedy)


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(_existing(home.root)).free / 1e9
    fits = free >= _DISK_WANTED_GB
    remedy = say(
        f"至少要 {_DISK_WANTED_GB} GB：清理磁盘，或把 JGT_HOME 指到别处",
        f"{_DISK_WANTED_GB} GB wanted: make room or move JGT_HOME",
    )
    return Finding(say("磁盘", "disk"), "ok" if fits else "fail", f"{free:.1f} GB", "" if fits else remedy)


def _memory() -> Finding:
    import psutil

    total = psutil.virtual_memory().total / 1e9
    fits = total >= _MEMORY_WANTED_GB
    remedy = say("看板与建仓同时运行会偏慢", "dashboards and builds together will be slow")
    return Finding(say("内存", "memory"), "ok" if fits else "warn", f"{total:.1f} GB", "" if fits else remedy)


def _writable(home: Home) -> Finding:
    folder = _existing(home.root)
    fits = os.access(folder, os.W_OK)
    remedy = say("换一个可写的 JGT_HOME", "set JGT_HOME to a folder that can be written")
    return Finding("JGT_HOME", "ok" if fits else "fail", str(home.root), "" if fits else remedy)


def _published(home: Home) -> Finding:
    if not home.current.exists():
        remedy = say("运行 jgt run 或 jgt demo", "run jgt run or jgt demo")
        return Finding(say("发布版本", "published"), "warn", say("没有", "none"), remedy)
    return Finding(say("发布版本", "published"), "ok", home.current.resolve().parent.name)


def show(findings: list[Finding]) -> None:
    """Print the findings for people."""
    from rich.console import Console
    from rich.table import Table

    marks = {"ok": "[green]✔[/]", "warn": "[yellow]⚠[/]", "fail": "[red]✘[/]"}
    table = Table(show_header=False, box=None)
    for finding in findings:
        table.add_row(marks[finding.outcome], finding.what, finding.seen, finding.remedy)
    Console().print(table)
