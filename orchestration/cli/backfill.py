"""`jgt backfill`: judge a feed's deliveries of some days again, from the archive, under today's contract."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.shared import day, example, fail, printer, reported
from orchestration.language import say

app = typer.Typer()


@app.command(
    epilog=example(
        "jgt backfill yjgl.hazard --from 2026-10-01 --to 2026-10-31",
        "jgt backfill yjgl.hazard --from 2026-10-01 --to 2026-10-31 --source",
    )
)
@reported
def backfill(
    feed: Annotated[str, typer.Argument(help=say("部门.数据", "department.feed"))],
    from_: Annotated[str, typer.Option("--from", help=say("起始日", "first day"))],
    to: Annotated[str, typer.Option("--to", help=say("截止日（含）", "last day, included"))],
    source: Annotated[
        bool, typer.Option("--source", help=say("先从数据库或接口重拉这些天", "first pull these days again"))
    ] = False,
    by: Annotated[str, typer.Option(help=say("经办人，记入台账", "who does it; for the audit"))] = "jgt backfill",
) -> None:
    """按现行合同从归档重判这些天的报送；没有变化时字节不变 · Judge these days again from the archive."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_feeds
    from orchestration.steward.backfill import run_backfill

    first, last = day(from_), day(to)
    assert first is not None and last is not None  # both are required
    if first > last:
        fail(say(f"--from {first} 晚于 --to {last}。", f"--from {first} is after --to {last}."), 2)
    feeds = load_feeds()
    if feed not in feeds:
        fail(say(f"没有 {feed} 的合同；jgt feed list 列出全部。", f"no contract {feed}; see jgt feed list."), 2)
    if source and not feeds[feed].pulls:
        fail(
            say(
                f"{feed} 靠文件报送，没有数据库或接口可重拉；去掉 --source。",
                f"{feed} comes as files: leave --source out.",
            ),
            2,
        )
    run_backfill(Home.from_environment(), feeds, feed, first, last, source, by, printer())
