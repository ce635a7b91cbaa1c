"""The published versions: which there are, which is current, and the one atomic switch between them.

A version is a folder `serving/<version>/` with `jgt.duckdb` and `manifest.json`, complete before it gets its name.
`serving/current` is a relative link, switched by one rename. `serving/history.jsonl` keeps every switch, so that a
name is never used twice and `rollback` knows what was served before.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from ingest.base.errors import ShownError
from ingest.base.files import fsync
from ingest.base.home import Home
from orchestration.language import say

KEPT_VERSIONS: Final = 5
_NAME: Final = re.compile(r"^[0-9]{8}-[0-9]{3,}$")
_UNFINISHED: Final = ".tmp-"


class PublishingError(ShownError, RuntimeError):
    """Publishing or switching did not happen; what was served before is served still. The message is Chinese."""


@contextmanager
def publishing_lock(home: Home) -> Iterator[None]:
    """Hold the one lock of publishers: who has it knows that every unfinished folder is a leftover.

    Raises:
        PublishingError: when another process holds it.
    """
    home.serving.mkdir(parents=True, exist_ok=True)
    with (home.serving / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublishingError(
                say(
                    "另一个进程正在发布或回退；请等它结束后再试",
                    "another process is publishing or rolling back; wait for it to end, then retry",
                )
            ) from error
        yield


def current_version(home: Home) -> str | None:
    """Name of the version being served, or None when there is none."""
    link = home.serving / "current"
    try:
        name = link.readlink().name
    except OSError:  # no link yet
        return None
    return name if (home.serving / name / "jgt.duckdb").is_file() else None


def lost_version(home: Home) -> str | None:
    """Name of the version that `current` points at though it is gone or has no warehouse; None when all is well."""
    link = home.serving / "current"
    return link.readlink().name if link.is_symlink() and current_version(home) is None else None


def manifest_of(home: Home, name: str) -> dict[str, Any]:
    """The manifest of a kept version.

    Raises:
        PublishingError: when there is no such version.
    """
    path = home.serving / name / "manifest.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        kept = "、".join(_kept_names(home)) or "（无）"
        raise PublishingError(say(f"没有版本 {name}；现有：{kept}", f"no version {name}; there are: {kept}")) from error


def versions(home: Home) -> list[dict[str, Any]]:
    """Kept versions, newest first.

    Returns:
        For each: version, is_current, as_of (date of the data), published_at (UTC), verdict, checks_total,
        checks_failed, is_synthetic, bytes, replaces (the version served before it).
    """
    current = current_version(home)
    found = []
    for name in sorted(_kept_names(home), key=order, reverse=True):
        manifest = manifest_of(home, name)
        shown = (
            "as_of",
            "published_at",
            "verdict",
            "checks_total",
            "checks_failed",
            "is_synthetic",
            "bytes",
            "replaces",
        )
        found.append({"version": name, "is_current": name == current, **{key: manifest[key] for key in shown}})
    return found


def rollback(home: Home, version: str | None = None) -> str:
    """Serve an earlier version again, at once, under readers.

    Args:
        home: state folder.
        version: name of a kept version; None: the one that the current version replaced.

    Returns:
        The version now served.

    Raises:
        PublishingError: when there is nothing to go back to; what is served stays.
    """
    with publishing_lock(home):
        current = current_version(home)
        target = version or _before(home, current)
        if target is None:
            raise PublishingError(say("没有更早的版本可以回退", "there is no earlier version to go back to"))
        manifest_of(home, target)
        if target == current:
            raise PublishingError(say(f"{target} 正是当前版本", f"{target} is the current version"))
        if not (home.serving / target / "jgt.duckdb").is_file():
            raise PublishingError(
                say(
                    f"版本 {target} 不完整；请选另一个：jgt versions",
                    f"version {target} is incomplete; choose another: jgt versions",
                )
            )
        switch(home, target, "rollback")
        return target


def _before(home: Home, current: str | None) -> str | None:
    if current is None:  # nothing is served, or what was served is lost: the newest that is kept
        return max(_whole_names(home), key=order, default=None)
    replaced = manifest_of(home, current)["replaces"]
    if replaced in _kept_names(home):
        return replaced
    older = [n for n in _kept_names(home) if order(n) < order(current)]
    return max(older, key=order, default=None)


def switch(home: Home, name: str, action: str) -> None:
    """Point `current` at a version by one rename, and note it in the history. The caller holds the lock."""
    link = home.serving / f"{_UNFINISHED}current"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(home.serving / "current")
    fsync(home.serving)
    _note(home, name, action)


def next_name(home: Home, as_of: date) -> str:
    """A version name that was never used: the day of the data and a number."""
    day = as_of.strftime("%Y%m%d")
    used = {e["version"] for e in history(home)} | set(_kept_names(home))
    numbers = [int(n.split("-")[1]) for n in used if n.startswith(f"{day}-")]
    return f"{day}-{max(numbers, default=0) + 1:03d}"


def history(home: Home) -> list[dict[str, str]]:
    """Every switch so far, oldest first: version, action (publish or rollback), at. A line cut by a crash is left out."""
    path = home.serving / "history.jsonl"
    if not path.exists():
        return []
    lines = path.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line.endswith("}")]


def _note(home: Home, name: str, action: str) -> None:
    line = json.dumps({"version": name, "action": action, "at": utc_text()}, ensure_ascii=False)
    with (home.serving / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}")  # the line break first: a line cut by a crash spoils itself only
        file.flush()
        os.fsync(file.fileno())


def remove_leftovers(home: Home) -> list[str]:
    """Remove what a killed publisher left: unfinished folders and finished ones never served. The caller holds the lock.

    Returns:
        Names of what was removed.
    """
    removed = []
    current = current_version(home)
    served = {e["version"] for e in history(home)}
    if current and current not in served:  # killed between the switch and its note
        _note(home, current, "publish")
        served.add(current)
    for path in sorted(home.serving.iterdir()):
        is_unserved = _NAME.match(path.name) is not None and path.name not in served
        if _UNFINISHED in path.name or is_unserved:
            removed.append(path.name)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    return removed


def prune(home: Home, keep: int, spared: set[str | None]) -> list[str]:
    """Remove all but the newest `keep` versions, never one of `spared`. Readers that have one open keep reading it."""
    names = sorted(_kept_names(home), key=order, reverse=True)
    gone = [n for n in names[keep:] if n not in spared]
    for name in gone:
        shutil.rmtree(home.serving / name)
    return gone


def order(name: str) -> tuple[str, int]:
    """Sorts version names by day, then number."""
    day, number = name.split("-")
    return day, int(number)


def unfinished_folder(home: Home, name: str) -> Path:
    """Where a version is built until it is complete."""
    return home.serving / f"{name}{_UNFINISHED}{os.getpid()}"


def utc_text() -> str:
    """Now, UTC, ISO 8601 to the second with Z."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole_names(home: Home) -> list[str]:
    return [n for n in _kept_names(home) if (home.serving / n / "jgt.duckdb").is_file()]


def _kept_names(home: Home) -> list[str]:
    if not home.serving.is_dir():
        return []
    return [p.name for p in home.serving.iterdir() if _NAME.match(p.name) and (p / "manifest.json").is_file()]
