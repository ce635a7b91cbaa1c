"""`jgt serve`, `demo`, `doctor`, `docs`."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.base.home import Home
from orchestration.cli.shared import example, printer, reported
from orchestration.language import say

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


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
