"""What the name of a file tells: whether it is one of a feed's, its day, whether it is a pull of ours."""

from __future__ import annotations

import fnmatch
import re
from datetime import date, datetime

from ingest.feeds.model import Feed

# lies in the landing of a demo city: what is made of it is marked as synthetic on every screen
SYNTHETIC_MARKER = "演示数据.json"

_DATE = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_]?([01][0-9])[-_]?([0-3][0-9])(?![0-9])")
# extensions of what the readers take: a feed sent in another form than usual is the same feed
_FORMS = frozenset(
    ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "json", "jsonl", "ndjson", "xml", "html", "htm", "parquet"]
).union(["zip", "gz"])
_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}\.parquet")


def fits(name: str, pattern: str) -> bool:
    """Whether a file name is one of the pattern's, also in another form or packed: 检查_*.csv takes 检查_1.xlsx and 检查_1.csv.gz."""
    name, pattern = name.lower(), pattern.lower()
    if fnmatch.fnmatch(name, pattern):
        return True
    stem, _, extension = pattern.rpartition(".")
    while extension in _FORMS:
        name, _, ending = name.rpartition(".")
        if ending not in _FORMS:
            return False
        if fnmatch.fnmatch(name, stem):
            return True
    return False


def date_in(name: str) -> date | None:
    """The date in a file name, such as 20261120 or 2026-11-20; None if there is no real one."""
    for found in _DATE.finditer(name):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            continue
    return None


def pulled_name(label: str, server: str, started: datetime) -> str:
    """The name of a pull's file: `执法检查_frontdb_20261122T053000.parquet`."""
    return f"{pulled_prefix(label, server)}{started:%Y%m%dT%H%M%S}.parquet"


def pulled_prefix(label: str, server: str) -> str:
    """What the names of a server's pulls begin with; characters that file systems refuse are left out of the label."""
    safe = re.sub(r'[\s/\\:*?"<>|\[\]]+', "", label)
    return f"{safe}_{server}_"


def is_pulled(name: str, feed: Feed) -> bool:
    """Whether a file in a feed's folder is a pull from one of the feed's own servers.

    A department's own 检查_20261120T101010.parquet is none: no server of the contract is named in it. The label may have
    been another when the pull landed, so the server and the moment decide.
    """
    beginning, _, stamp = name.rpartition("_")
    return _STAMP.fullmatch(stamp) is not None and any(beginning.endswith(f"_{pull.name}") for pull in feed.pulls)
