"""The demo city: from a scale, a seed and a date to the files that departments would have sent until then."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ingest.base.sql import memory_connection
from ingest.feeds.file_names import SYNTHETIC_MARKER
from ingest.feeds.loading import CONTRACTS, load_departments, load_feeds
from ingest.synthetic import faults, forms, sending
from ingest.synthetic.truth import truth
from ingest.synthetic.world import build

TRUTH = "truth.json"
IDENTITY_TRUTH = "truth_identity.parquet"
MEMORY_LIMIT = "2GB"  # the engine's part; beyond it tables spill to a temporary folder


def generate(
    out: Path, scale: float, seed: int, as_of: date, progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Write the landing folder of a demo city, its marker and its truth.

    Args:
        out: the landing folder; made if missing. The files of a city made there before (those its truth names) are
            removed first, anything else is left alone.
        scale: 1.0 is the whole city of 320,000 enterprises and small places; 0.01 the usual demo.
        seed: any whole number; another seed is another city.
        as_of: the last day of the history; nothing in the files is later.
        progress: told in Chinese what is being done.

    Returns:
        The truth as written to `truth.json`: planted faults, what each file and feed must come to, what the marts
        must come to. Which enterprise each record without a sure code is about is written beside it, to
        `truth_identity.parquet`; both lie in `truth_folder(out)`. The same arguments give the same bytes in every file.

    Raises:
        ValueError: scale is not above 0.
    """
    if not scale > 0:
        raise ValueError(f"scale 须大于 0，得到 {scale}")
    tell = progress or (lambda _: None)
    # the demo city sends what ships with the product; an installation's own feeds have no generator
    feeds = load_feeds(CONTRACTS)
    departments = {d["code"]: d["name"] for d in load_departments(CONTRACTS)}
    out.mkdir(parents=True, exist_ok=True)
    _remove_former(out)
    start = build.first_day(as_of)
    feed_truths = []
    for_truth = truth.sent_tables(feeds.values())
    with tempfile.TemporaryDirectory() as spill, memory_connection(MEMORY_LIMIT, spill, threads=None) as connection:
        tell("生成演示城市")
        build.build(connection, scale, seed, as_of)
        for number, feed in enumerate(feeds.values(), start=1):
            tell(f"写出报送文件 {number}/{len(feeds)}：{departments[feed.department]} {feed.label}")
            sending.send(connection, feed, as_of)
            cut_on = faults.postpone_cut_off(connection, feed) if faults.is_cut_off(feed) else None
            sending.spell(connection, feed)
            faults.plant(connection, feed)
            letterhead = forms.Letterhead(departments[feed.department], start)
            written = forms.write(connection, feed, out / feed.department / feed.name, letterhead, cut_on)
            feed_truths.append(truth.of_feed(connection, feed, written, out))
            truth.note_identities(connection, feed)
            truth.note_self_checks(connection, feed)
            sending.forget(connection, feed, for_truth)
        tell("计算标准答案")
        head = {"seed": seed, "scale": scale, "as_of": as_of.isoformat(), "history_start": start.isoformat()}
        truth_folder(out).mkdir(exist_ok=True)
        truth.write_identities(connection, truth_folder(out) / IDENTITY_TRUTH)
        document = truth.document(head, feed_truths, truth.marts(connection, list(feeds.values())))
    _write_json(truth_folder(out) / TRUTH, document)
    _write_json(out / SYNTHETIC_MARKER, {"synthetic": True, "seed": seed, "scale": scale, "as_of": as_of.isoformat()})
    return document


def truth_folder(landing: Path) -> Path:
    """Where the truth about a demo city lies: beside its landing, for no department sends it."""
    return landing.parent / "truth"


def _remove_former(out: Path) -> None:
    former = truth_folder(out) / TRUTH
    if former.exists():
        for file in json.loads(former.read_text("utf-8"))["files"]:
            (out / file["path"]).unlink(missing_ok=True)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
