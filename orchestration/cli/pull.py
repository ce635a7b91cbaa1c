"""`jgt pull`: fetch feeds from their departments' databases and interfaces now, whether due or not."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from orchestration.cli.shared import day, example, fail, printer, reported
from orchestration.language import say

app = typer.Typer()


@app.command(
    epilog=example("jgt pull", "jgt pull yjgl.inspection", "jgt pull yjgl.inspection --from 2026-10-01 --to 2026-10-31")
)
@reported
def pull(
    feed: Annotated[str | None, typer.Argument(help=say("部门.数据，默认全部", "department.feed, default all"))] = None,
    from_: Annotated[str | None, typer.Option("--from", help=say("重拉的起始日", "first day to pull again"))] = None,
    to: Annotated[str | None, typer.Option("--to", help=say("重拉的截止日（含）", "last day, included"))] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=say("不看游标，全部重拉", "leave the cursor aside, pull everything"))
    ] = False,
) -> None:
    """从部门数据库和接口取数，落到 landing，再用 jgt run 收数 · Pull feeds into landing; jgt run takes them in."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_feeds
    from ingest.pulls import pull as pulls

    home, feeds = Home.from_environment(), load_feeds()
    pulled = {name: found for name, found in feeds.items() if found.pulls}
    if feed is not None and feed not in feeds:
        fail(say(f"没有数据 {feed}；用 jgt feed list 查看", f"no feed {feed}; see jgt feed list"))
    if feed is not None and feed not in pulled:
        fail(
            say(
                f"{feed} 的合同里没有数据库或接口（servers），它靠文件报送；怎样加见 ingest/pulls/README.md",
                f"the contract of {feed} names no database or interface (servers); it comes as files. See ingest/pulls/README.md",
            )
        )
    if not pulled:
        typer.echo(say("没有合同写明数据库或接口，无可拉取。", "no contract names a database or interface."))
        return
    first, last = _range(from_, to, everything)
    results = []
    for found in pulled.values() if feed is None else [pulled[feed]]:
        if first is not None and last is not None:
            results += pulls.pull_window(home, found, first, last, progress=printer())
        else:
            results += pulls.pull(home, found, everything=everything, progress=printer())
    failed = sum(result.outcome == "failed" for result in results)
    if failed:
        fail(say(f"{failed} 次拉取失败，原因见上", f"{failed} pulls failed, see above"))
    typer.echo(say("✔ 已落到 landing。下一步：jgt run", "✔ in landing. Next: jgt run"))


def _range(from_: str | None, to: str | None, everything: bool) -> tuple[date | None, date | None]:
    first, last = day(from_), day(to)
    if first is None and last is None:
        return None, None
    if first is None or last is None or first > last or everything:
        fail(
            say(
                "--from 与 --to 要一起给，且起始日不晚于截止日；不与 --all 同用。",
                "--from and --to go together, the first day not after the last, and not with --all.",
            ),
            2,
        )
    return first, last
