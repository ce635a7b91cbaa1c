"""The `jgt` command: thin; each command imports what it needs, so that `jgt --help` stays quick."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest.base.home import Home
from orchestration.cli import backfill, feed, look_up, match, pull, quarantine
from orchestration.cli.shared import day, example, printer, reported
from orchestration.language import say

app = typer.Typer(
    name="jgt",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=say(
        "监管通数仓：收数、建仓、把关、发布、看板。状态在 $JGT_HOME（默认 ./var）。",
        "JianGuanTong warehouse: take in, build, judge, publish, show. State lives in $JGT_HOME (default ./var).",
    ),
)

app.add_typer(feed.app, name="feed")
app.add_typer(match.app, name="match")
app.add_typer(pull.app)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(backfill.app)
app.add_typer(look_up.app)


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


@app.command(epilog=example("jgt run", "jgt run --date 2026-11-20", "jgt run --full-refresh"))
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
) -> None:
    """收数、建仓、把关、发布一轮（与 Dagster 页面上的 daily 同一作业）· One round of the daily job."""
    from orchestration.run.daily import run_daily

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
        typer.echo(json.dumps(state, ensure_ascii=False, indent=2))
    else:
        show(state)
    if state["problems"]:
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


@app.command(epilog=example('jgt sql "SELECT area_name, sum(deaths) FROM accident.agg_accident_month GROUP BY 1"'))
@reported
def sql(
    statement: Annotated[str, typer.Argument(help=say("一条查询语句", "one query"))],
    format_: Annotated[str, typer.Option("--format", help="table | csv | json")] = "table",
) -> None:
    """在已发布版本上只读查询（已加固）· Query the published version, read-only and hardened."""
    from orchestration.lookup.sql import run_query

    run_query(Home.from_environment(), statement, format_, sys.stdout)


@app.command(epilog=example("jgt serve", "jgt serve --port 8090 --no-dagster"))
@reported
def serve(
    port: Annotated[int, typer.Option(help=say("看板端口（只听 127.0.0.1）", "dashboards, loopback only"))] = 8088,
    dagster_port: Annotated[int, typer.Option(help=say("Dagster 页面端口", "Dagster's page"))] = 3070,
    dagster: Annotated[bool, typer.Option(help=say("同时提供 Dagster 页面与定时", "page and schedule too"))] = True,
) -> None:
    """启动看板（Superset）和运维页（Dagster），Ctrl-C 全部停下 · Start dashboards and the operators' page."""
    from orchestration.operate.serve import serve_until_interrupted

    serve_until_interrupted(Home.from_environment(), port, dagster_port if dagster else None, printer())


@app.command(epilog=example("jgt demo", "jgt demo --scale 0.05 --no-serve"))
@reported
def demo(
    scale: Annotated[float, typer.Option(help=say("规模，1.0 为全市", "size; 1.0 is the whole city"))] = 0.01,
    seed: Annotated[int, typer.Option(help=say("随机种子", "seed"))] = 7,
    port: Annotated[int, typer.Option(help=say("看板端口", "port of the dashboards"))] = 8088,
    dagster_port: Annotated[int, typer.Option(help=say("Dagster 页面端口", "Dagster's page"))] = 3070,
    serve_: Annotated[bool, typer.Option("--serve/--no-serve", help=say("建好后启动看板", "then serve"))] = True,
) -> None:
    """从零到看板：生成演示城市、跑一轮、发布、启动 · From nothing to dashboards; reuses what is there."""
    from orchestration.operate.demo import build_demo
    from orchestration.operate.processes import require_free_port
    from orchestration.operate.serve import serve_until_interrupted

    home = Home.from_environment()
    if serve_:  # said now, not after the city is built
        require_free_port(port, "--port")
        require_free_port(dagster_port, "--dagster-port")
    if not build_demo(home, scale, seed, printer()):
        raise typer.Exit(1)
    if serve_:
        serve_until_interrupted(home, port, dagster_port, printer())


@app.command(epilog=example("jgt doctor"))
@reported
def doctor() -> None:
    """检查本机缺什么、错在哪、怎么补 · What is missing or wrong on this machine, and how to mend it."""
    from orchestration.operate.doctor import examine, show

    findings = examine(Home.from_environment())
    show(findings)
    if any(f.outcome == "fail" for f in findings):
        raise typer.Exit(1)


@app.command(epilog=example("jgt docs"))
@reported
def docs() -> None:
    """生成数据字典网页（dbt docs，单个文件）· Write the data dictionary as one web page."""
    from orchestration.operate.docs import write_dictionary

    page = write_dictionary(Home.from_environment())
    typer.echo(say(f"✔ 数据字典：{page}（用浏览器打开）", f"✔ data dictionary: {page} (open it in a browser)"))


if __name__ == "__main__":
    app()
