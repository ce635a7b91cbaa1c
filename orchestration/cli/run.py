"""`jgt synth`, `run`, `status`, `versions`, `rollback`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ingest.base.home import Home
from orchestration.cli.shared import day, example, printer, reported
from orchestration.language import say

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


@app.command(epilog=example("jgt synth --scale 0.01 --seed 7 --as-of 2026-11-20"))
@reported
def synth(
    scale: Annotated[float, typer.Option(help=say("规模，1.0 为全市", "size; 1.0 is the whole city"))] = 0.01,
    seed: Annotated[
        int, typer.Option(help=say("随机种子：同样的参数生成同样的文件", "same arguments, same files"))
    ] = 7,
    as_of: Annotated[str | None, typer.Option(help=say("数据截至日", "the last day of data"))] = None,
    out: Annotated[Path | None, typer.Option(help=say("输出文件夹，默认 landing", "default: landing"))] = None,
) -> None:
    """生成演示城市的部门文件和真值 · Write the demo city's department files and their truth."""
    from ingest.synthetic.city import generate
    from orchestration.state.run_folder import data_date

    home = Home.from_environment()
    if out is None:
        home.ensure()
    target = out or home.landing
    truth = generate(target, scale, seed, day(as_of) or data_date(), progress=printer())
    typer.echo(
        say(
            f"✔ 演示数据在 {target}（截至 {truth['as_of']}）。下一步：jgt run --date {truth['as_of']}",
            f"✔ demo data in {target} (as of {truth['as_of']}). Next: jgt run --date {truth['as_of']}",
        )
    )


@app.command(epilog=example("jgt run", "jgt run --date 2026-11-20", "jgt run --plan", "jgt run --full-refresh"))
@reported
def run(
    date_: Annotated[str | None, typer.Option("--date", help=say("数据日期，默认昨天", "default: yesterday"))] = None,
    force: Annotated[bool, typer.Option(help=say("没有新文件也重跑", "run even when nothing is new"))] = False,
    full_refresh: Annotated[
        bool,
        typer.Option(
            "--full-refresh",
            help=say("不沿用上一次构建的表，全部从头算（结果相同）", "carry nothing over, build all (same result)"),
        ),
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help=say("只看这一轮会收什么、算什么", "only tell what it would do"))
    ] = False,
) -> None:
    """收数、建仓、把关、发布一轮（与 Dagster 页面上的 daily 同一作业）· One round of the daily job."""
    from orchestration.run.daily import run_daily

    if plan:
        from ingest.feeds.loading import load_feeds
        from orchestration.run.run_plan import plan_lines, plan_run
        from orchestration.state.run_folder import data_date

        feeds = load_feeds()
        for line in plan_lines(
            plan_run(Home.from_environment(), feeds, day(date_) or data_date(), full_refresh), feeds
        ):
            typer.echo(line)
        return
    if not run_daily(Home.from_environment(), day(date_), emit=printer(), force=force, full_refresh=full_refresh):
        raise typer.Exit(1)


@app.command(epilog=example("jgt status", "jgt status --json"))
@reported
def status(
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """发布版本、台账是否平衡、隔离、时效 · Published version, ledger, quarantine, freshness."""
    from orchestration.operate.status import collect, show

    state = collect(Home.from_environment())
    if as_json:
        typer.echo(json.dumps(state.as_json(), ensure_ascii=False, indent=2))
    else:
        show(state)
    if state.problems:
        raise typer.Exit(1)


@app.command(epilog=example("jgt versions"))
@reported
def versions() -> None:
    """已发布的版本，最新在前 · Published versions, newest first."""
    from orchestration.operate.status import show_versions

    show_versions(Home.from_environment())


@app.command(epilog=example("jgt rollback", "jgt rollback 20261120-001"))
@reported
def rollback(
    version: Annotated[str | None, typer.Argument(help=say("默认回到上一版", "default: the one before"))] = None,
) -> None:
    """立即换回上一版或指定版本，读者无感 · Serve the version before (or the named one) again, at once."""
    from orchestration.publish.publishing import rollback as switch_back

    switched = switch_back(Home.from_environment(), version)
    typer.echo(say(f"✔ 现在提供的是 {switched}。", f"✔ now serving {switched}."))
