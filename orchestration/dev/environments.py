"""Make the two Python environments from the committed pins: `.venv` (warehouse) and `.venv-bi` (Superset).

Runs under whatever `python3` the machine has, so it uses the standard library alone. A stamp in each environment
holds the hash of the pins it was made from: a second call is over in milliseconds.

    python3 orchestration/dev/environments.py warehouse tests bi
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Superset 6.1's pins have wheels for these two alone; on 3.13 pandas 2.1 fails after minutes of compiling (2026-11)
FITTING = ((3, 12), (3, 11))
# obtained through pip where the machine has no uv: resolves and links 10 times faster than pip, same result
UV_PIN = "uv==0.13.9"
CHINESE = not os.environ.get("JGT_LANG", "zh").lower().startswith("en")


@dataclass(frozen=True)
class Environment:
    """One environment: its folder and what goes into it."""

    folder: str
    requirements: tuple[str, ...]
    installs_project: bool


WAREHOUSE = Environment(".venv", ("orchestration/requirements.txt",), True)
WAREHOUSE_WITH_TESTS = Environment(".venv", ("orchestration/requirements.txt", "tests/requirements.txt"), True)
BI = Environment(".venv-bi", ("dashboards/requirements.txt",), False)


def say(chinese: str, english: str) -> None:
    """One progress line, in the language of `JGT_LANG`."""
    print(chinese if CHINESE else english, flush=True)


def fail(chinese: str, english: str) -> None:
    """Say what is wrong and what to do, then end with status 1."""
    print("✘ " + (chinese if CHINESE else english), file=sys.stderr, flush=True)
    raise SystemExit(1)


def _version(interpreter: str) -> tuple[int, int] | None:
    """(major, minor) of an interpreter that really starts (a pyenv shim may not), else None."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def fitting_python() -> str | None:
    """An interpreter of a fitting version: the one running this, or one on PATH; None where there is none."""
    if sys.version_info[:2] in FITTING:
        return sys.executable
    for major, minor in FITTING:
        found = shutil.which(f"python{major}.{minor}")
        if found and _version(found) == (major, minor):
            return found
    return None


def find_uv() -> str | None:
    """uv on PATH, or the one an earlier call put into `.venv`."""
    inside = ROOT / ".venv" / "bin" / "uv"
    return shutil.which("uv") or (str(inside) if inside.exists() else None)


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode != 0:
        shown = " ".join(command)
        fail(
            f"{what} 失败（命令：{shown}）。请检查网络与磁盘后重试。",
            f"{what} failed (command: {shown}). Check network and disk, then retry.",
        )


def create(environment: Environment, python: str | None, uv: str | None) -> None:
    """Make the empty environment, replacing one whose interpreter does not fit or does not start."""
    folder = ROOT / environment.folder
    inside = folder / "bin" / "python"
    usable = uv is not None or (folder / "bin" / "pip").exists()
    if usable and inside.exists() and _version(str(inside)) in FITTING:
        return
    if folder.exists():
        shutil.rmtree(folder)
    if python is not None:
        done = subprocess.run([python, "-m", "venv", str(folder)], cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 0:
            return
        shutil.rmtree(folder, ignore_errors=True)
        if uv is None:
            fail(
                f"{python} 不能建立虚拟环境：{done.stderr.strip() or done.stdout.strip()}。"
                "请安装 uv（pip install --user uv）或本机的 python3-venv 包后重试。",
                f"{python} cannot make a virtual environment: {done.stderr.strip() or done.stdout.strip()}. "
                "Install uv (pip install --user uv) or the python3-venv package, then retry.",
            )
    _run([uv or "uv", "venv", "--quiet", "--python", python or "3.12", str(folder)], environment.folder)


def _obtain_uv(environment: Environment) -> str | None:
    """Put uv into the environment through pip; None where that does not go (pip then installs everything)."""
    python = ROOT / environment.folder / "bin" / "python"
    done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", UV_PIN], cwd=ROOT, capture_output=True)
    uv = python.with_name("uv")
    return str(uv) if done.returncode == 0 and uv.exists() else None


def stamp_of(environment: Environment) -> str:
    """Hash of everything that the environment is made from."""
    digest = hashlib.sha256()
    for name in (*environment.requirements, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    digest.update(str(ROOT).encode())
    return digest.hexdigest()


def is_ready(environment: Environment) -> bool:
    """Whether the environment was made from these very pins (or these and more)."""
    stamps = ROOT / environment.folder / ".jgt-stamps"
    return stamps.exists() and stamp_of(environment) in stamps.read_text().split()


def install(environment: Environment, uv: str | None) -> None:
    """Install the pins, then the project itself where it belongs."""
    python = str(ROOT / environment.folder / "bin" / "python")
    # bytecode now: without it every import costs twice as much where Python may not write it later (2026-11)
    installer = (
        [uv, "pip", "install", "--compile-bytecode", "--python", python] if uv else [python, "-m", "pip", "install"]
    )
    if uv is None:
        installer += ["--disable-pip-version-check", "--progress-bar", "on"]
    command = list(installer)
    for name in environment.requirements:
        command += ["-r", name]
    _run(command, environment.folder)
    if environment.installs_project:
        # setuptools is among the pins: no isolated build, hence nothing more to download
        _run([*installer, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], environment.folder)


def ensure(environment: Environment) -> None:
    """Make the environment if it is missing or was made from other pins."""
    if is_ready(environment):
        return
    started = time.monotonic()
    python, uv = fitting_python(), find_uv()
    if python is None and uv is None:
        here = ".".join(map(str, sys.version_info[:2]))
        fail(
            f"需要 Python 3.11 或 3.12（本机为 {here}，也没有 uv）。请安装其一（如 apt install python3.12 python3.12-venv），"
            "或安装 uv 后重试，它会自带合适的 Python。",
            f"Python 3.11 or 3.12 is needed (this is {here}, and there is no uv). Install one of them, or install uv, which "
            "brings a fitting Python, then retry.",
        )
    say(
        f"▶ 准备环境 {environment.folder}（首次需下载约 {'200' if environment is BI else '250'} MB）",
        f"▶ setting up {environment.folder} (the first time downloads about {'200' if environment is BI else '250'} MB)",
    )
    create(environment, python, uv)
    uv = uv or _obtain_uv(environment)
    install(environment, uv)
    stamps = [stamp_of(environment)]
    if environment is WAREHOUSE_WITH_TESTS:  # it holds all of the plain warehouse too
        stamps.append(stamp_of(WAREHOUSE))
    (ROOT / environment.folder / ".jgt-stamps").write_text("\n".join(stamps) + "\n")
    seconds = time.monotonic() - started
    say(f"✔ {environment.folder} 就绪，用时 {seconds:.0f} 秒", f"✔ {environment.folder} ready in {seconds:.0f} s")


def main(wanted: list[str]) -> None:
    """Ensure the named environments: `warehouse`, `bi`, and `tests` (test and lint tools, into the warehouse)."""
    unknown = set(wanted) - {"warehouse", "bi", "tests"}
    if unknown or not wanted:
        fail("用法：environments.py warehouse|tests|bi …", "usage: environments.py warehouse|tests|bi …")
    if "tests" in wanted:
        ensure(WAREHOUSE_WITH_TESTS)
    elif "warehouse" in wanted:
        ensure(WAREHOUSE)
    if "bi" in wanted:
        ensure(BI)


if __name__ == "__main__":
    main(sys.argv[1:])
