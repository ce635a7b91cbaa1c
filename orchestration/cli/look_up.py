"""`jgt enterprise`, `jgt metric`, `jgt dictionary`: one enterprise's file, the metrics and the columns as they are defined."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ingest.base.home import Home
from orchestration.cli.shared import day, example, reported
from orchestration.language import say

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


@app.command(epilog=example("jgt enterprise 91320100MA1MGWPF5C", "jgt enterprise 江宁机械 --chapter 检查执法"))
@reported
def enterprise(
    wanted: Annotated[str, typer.Argument(metavar="CODE|NAME", help=say("代码或名称", "code or name"))],
    chapter: Annotated[
        str | None, typer.Option(help=say("只看一章或一种，如 信用、处罚决定", "one chapter or kind"))
    ] = None,
    since: Annotated[str | None, typer.Option(help=say("此日以来", "since this day"))] = None,
    limit: Annotated[int, typer.Option(help=say("最近几件，0 为全部", "the latest so many; 0 for all"))] = 60,
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """一企一档：一家的全部经历，按日期，各部门都在内 · One enterprise's whole history, from every department."""
    from orchestration.lookup import enterprise

    first = day(since)
    file = enterprise.read(Home.from_environment(), wanted)
    events = enterprise.select(file, chapter, first.isoformat() if first else None, limit or None)
    if as_json:
        typer.echo(enterprise.as_json(file, events))
    else:
        enterprise.show(file, events, sys.stdout)


@app.command(
    epilog=example(
        "jgt metric",
        "jgt metric accident.fct_accident",
        'jgt metric accident.fct_accident deaths --by district --where "is_statistical"',
    )
)
@reported
def metric(
    table: Annotated[str | None, typer.Argument(help=say("表，如 accident.fct_accident", "a table"))] = None,
    names: Annotated[list[str] | None, typer.Argument(help=say("指标，默认列出", "metrics; none: list them"))] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help=say("按哪些列分组", "columns to group by"))] = None,
    where: Annotated[str | None, typer.Option(help=say("筛选条件（SQL）", "a condition, in SQL"))] = None,
    format_: Annotated[str, typer.Option("--format", help="table | csv | json")] = "table",
    only_sql: Annotated[bool, typer.Option("--sql", help=say("只给出语句", "the statement alone"))] = False,
) -> None:
    """指标：看板、查询、导出同一个定义 · Metrics by their one definition: dashboards, queries and exports alike."""
    from orchestration.lookup.metric import list_metrics, run_metric

    home = Home.from_environment()
    if table is None or not (names or by or where or only_sql):
        list_metrics(home, table, format_ == "json", sys.stdout)
    else:
        run_metric(home, table, names or [], by or [], where, format_, only_sql, sys.stdout)


@app.command(epilog=example("jgt dictionary", "jgt dictionary accident", "jgt dictionary inspection.fct_hazard --json"))
@reported
def dictionary(
    name: Annotated[
        str | None, typer.Argument(metavar="[MART|TABLE]", help=say("集市或表，默认列出", "default: the list"))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """数据词典：集市的说明与例句、表的列与口径 · The dictionary: a mart's page and worked queries, a table's columns."""
    from orchestration.lookup.dictionary import show

    show(Home.from_environment(), name, as_json, sys.stdout)


@app.command(epilog=example('jgt sql "SELECT area_name, sum(deaths) FROM accident.agg_accident_month GROUP BY 1"'))
@reported
def sql(
    statement: Annotated[str, typer.Argument(help=say("一条查询语句", "one query"))],
    format_: Annotated[str, typer.Option("--format", help="table | csv | json")] = "table",
) -> None:
    """在已发布版本上只读查询（已加固）· Query the published version, read-only and hardened."""
    from orchestration.lookup.sql import run_query

    run_query(Home.from_environment(), statement, format_, sys.stdout)
