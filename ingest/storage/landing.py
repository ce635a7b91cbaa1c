"""What lies in the landing: which file belongs to which feed, in which order it is taken in, and its copy for good."""

from __future__ import annotations

import fnmatch
import os
import re
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.base.home import Home
from ingest.feeds.file_names import SYNTHETIC_MARKER, date_in, fits, is_pulled
from ingest.feeds.model import Feed

# what the ledger calls the feed of files that no contract fits
UNKNOWN_FEED = "unknown"
# the folder of a department in which corrected workbooks come back
CORRECTIONS = "退回更正"
# still being written, or left by an office program
_PASSING = re.compile(
    "|".join(
        map(
            fnmatch.translate, ("*.tmp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "~$*", ".*")
        )
    )
)
# whoever still writes to a file has changed it within the last seconds
YOUNG_SECONDS = 3.0
LOOK_APART_SECONDS = 0.25
_CLOCK_SKEW_SECONDS = 120  # of a file server that stamps the time itself
_ZIP_END_BYTES = 22 + (1 << 16)  # the record a ZIP ends with, and its comment at its longest


@dataclass(frozen=True)
class Arrival:
    """A file in the landing.

    Args:
        path: where it lies.
        file: path relative to the landing, with slashes; always text, whatever bytes the name is made of.
        feed: its feed, or None when no contract fits its folder and name.
        data_until: the date in its name.
    """

    path: Path
    file: str
    feed: Feed | None
    data_until: date | None

    @property
    def is_pulled(self) -> bool:
        """Whether it is a pull of ours from one of its feed's servers."""
        return self.feed is not None and is_pulled(self.file.split("/")[-1], self.feed)


def arrivals(home: Home, feeds: Mapping[str, Feed], only: str | None = None) -> list[Arrival]:
    """Every file of the landing, by the date in its name (those without come last), then by name.

    Args:
        home: state folder.
        feeds: every contract, by id.
        only: one feed's id: its files alone, and its folder alone is looked at.
    """
    if only is not None:
        return [a for a in _arrivals(home, feeds, _own_folder(home, only)) if a.feed is not None and a.feed.id == only]
    return _arrivals(home, feeds, home.landing)


def _own_folder(home: Home, feed_id: str) -> Path:
    """Where a feed's files lie. A link is not followed in a walk of the landing, so that it is not here either."""
    department, _, name = feed_id.partition(".")
    folder = home.landing / department / name
    return home.landing if folder.is_symlink() or folder.parent.is_symlink() else folder


def _arrivals(home: Home, feeds: Mapping[str, Feed], folder: Path) -> list[Arrival]:
    found = []
    landing = home.landing
    for path in sorted(folder.rglob("*")):
        parts = tuple(_readable(part) for part in path.relative_to(landing).parts)
        if not path.is_file() or is_passing(parts):
            continue
        if parts == (SYNTHETIC_MARKER,) or (len(parts) > 2 and parts[1] == CORRECTIONS):
            continue
        found.append(Arrival(path, "/".join(parts), feed_of(parts, feeds), date_in(parts[-1])))
    return sorted(found, key=lambda a: (a.data_until is None, a.data_until or date.min, a.file.split("/")[-1], a.file))


def is_passing(parts: Iterable[str]) -> bool:
    """Whether a path (its parts below the landing) is still being written, or was left by an office program."""
    return any(_PASSING.match(part) for part in parts)


def growing(paths: Iterable[Path]) -> set[Path]:
    """Which files are still being written: young, and changing between two looks or without the end their form has.

    Files that have lain for some seconds cost a `stat`; only for younger ones is there a short pause.

    Args:
        paths: of arrivals; one that goes away meanwhile counts as changing.
    """
    now = time.time()
    looks = {path: look(path) for path in paths}
    first = {path: seen for path, seen in looks.items() if -_CLOCK_SKEW_SECONDS < now - seen[1] / 1e9 < YOUNG_SECONDS}
    if not first:
        return set()
    time.sleep(LOOK_APART_SECONDS)
    return {path for path, seen in first.items() if look(path) != seen or _lacks_end(path)}


def look(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return -1, 0
    return stat.st_size, stat.st_mtime_ns


def _lacks_end(path: Path) -> bool:
    """Whether a ZIP archive (also XLSX, ODS) or a Parquet file has its beginning and not its end."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
            size = file.seek(0, os.SEEK_END)
            if head == b"PK\x03\x04":
                file.seek(max(0, size - _ZIP_END_BYTES))
                return b"PK\x05\x06" not in file.read()
            if head == b"PAR1":
                file.seek(max(0, size - 4))
                return size < 12 or file.read() != b"PAR1"
    except OSError:
        return False  # `unreadable` says why
    return False


def _readable(name: str) -> str:
    """A file name as text: archives packed on Chinese Windows unpack to names in GBK, which are no UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            return raw.decode("utf-8", "replace")
    return name


def feed_of(parts: tuple[str, ...], feeds: Mapping[str, Feed]) -> Feed | None:
    """The feed that a file belongs to, by its folder and name (parts below the landing); None if no contract fits."""
    if len(parts) < 3:
        return None
    feed = feeds.get(f"{parts[0]}.{parts[1]}")
    name = unicodedata.normalize("NFC", parts[-1])  # macOS hands names over decomposed
    if feed is None or is_pulled(name, feed):
        return feed
    return feed if fits(name, feed.file_pattern) else None


def unreadable(home: Home, arrival: Arrival) -> str | None:
    """Why an arrival cannot or must not be opened, in Chinese; None if it can be.

    A link out of the landing would let whoever may write there have any file of this machine copied.
    """
    if arrival.path.is_symlink() and not arrival.path.resolve().is_relative_to(home.landing.resolve()):
        return "是指向收件目录之外的符号链接，未读取"
    try:
        with arrival.path.open("rb"):
            return None
    except PermissionError:
        return "没有读取权限"
