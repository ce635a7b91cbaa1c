"""Which character stands between the fields, where the contract does not say: judged on several records and the header."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

from ingest.feeds.headers import HEADER_SEARCH_ROWS, find_header
from ingest.feeds.model import Feed
from ingest.readers.quoting import records

# In order of preference where nothing else decides. Those that occur inside Chinese text come last.
LABELS = {
    ",": "逗号",
    "\t": "制表符",
    ";": "分号",
    "|": "竖线",
    "^": "脱字符（^）",
    "\x01": "控制符（\\x01）",
    "~": "波浪号",
    "，": "全角逗号",
    "；": "全角分号",
    "、": "顿号",
}
_LINES = 60
_LINE_CHARACTERS = 1 << 16  # of a file without line ends no more is looked at


def detect(text_path: Path, feed: Feed) -> str:
    """The delimiter of a text that declares none.

    What makes most of the contract's headers readable wins, then what gives most records the header's width.

    Args:
        text_path: the decoded file, UTF-8.
        feed: its contract, which knows the headers.

    Returns:
        One of LABELS; a comma where none divides anything.
    """
    lines = _top(text_path)
    order = list(LABELS)
    return max(order, key=lambda delimiter: (*_score(lines, feed, delimiter), -order.index(delimiter)))


def fit(text_path: Path, feed: Feed, delimiter: str) -> bool:
    """Whether the header holds every required column when read with this delimiter."""
    found = find_header(feed, [record.cells for record in records(iter(_top(text_path)), delimiter, None)])
    return found is not None and not found[1].missing


def _top(text_path: Path) -> list[str]:
    with text_path.open(encoding="utf-8-sig", newline="") as file:
        return list(islice(iter(lambda: file.readline(_LINE_CHARACTERS), ""), _LINES))


def _score(lines: list[str], feed: Feed, delimiter: str) -> tuple[int, float]:
    rows = [record.cells for record in records(iter(lines), delimiter, None) if record.text.strip()]
    found = find_header(feed, rows[:HEADER_SEARCH_ROWS])
    if found is not None:
        index, header = found
        body = rows[index + 1 :]
        alike = sum(len(cells) == len(rows[index]) for cells in body)
        return len(header.positions), alike / len(body) if body else 1.0
    # without a header that is known, only what gives most lines the same number of fields can be told
    width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    return 0, count / len(rows) if width > 1 else 0.0
