"""`jgt feed`: the catalogue of feeds, and adding, checking and changing one without Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.shared import example, fail, reported
from orchestration.language import say

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=say(
        "数据目录；不写代码就能新增、核对、变更一类数据。",
        "The data catalogue; add, check and change a feed without code.",
    ),
)
_INTO = typer.Option(
    "--into",
    help=say(
        "合同所在文件夹，默认 $JGT_CONTRACTS 或随产品的合同",
        "folder of contracts; default $JGT_CONTRACTS, else those that ship",
    ),
)


@app.command("list", epilog=example("jgt feed list", "jgt feed list --department 应急局 --json"))
@reported
def list_(
    department: Annotated[str | None, typer.Option(help=say("部门代码或名称", "code or name of a department"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """数据目录：部门、主题、形式、频率、版本、已入库、按时还是逾期 · The data catalogue."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_departments, load_feeds
    from orchestration.feed.catalogue import entries, show_list

    found = entries(Home.from_environment(), load_feeds(), department)
    if not found and department:
        known = "、".join(f"{d['code']}（{d['short_name']}）" for d in load_departments())
        fail(say(f"没有部门 {department} 的数据。已有：{known}", f"no feeds of {department}; there are {known}"))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show_list(found)
        typer.echo(say("看一类的列与规则：jgt feed show 数据", "columns and rules of one: jgt feed show FEED"))


@app.command(epilog=example("jgt feed show yjgl.inspection", "jgt feed show yjgl.inspection --json"))
@reported
def show(
    feed: Annotated[str, typer.Argument(help=say("部门.数据", "department.feed"))],
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """一类数据的列、类型、规则、别名、个人信息标记 · Columns, types, rules, aliases and personal marks of a feed."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_feeds
    from orchestration.feed.catalogue import describe, show_feed

    feeds = load_feeds()
    _require(feed, list(feeds))
    told = describe(Home.from_environment(), feeds, feed)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        show_feed(told)


@app.command(
    epilog=example(
        "jgt feed new 场馆检查_20261120.xlsx --department wlj",
        "jgt feed new postgresql://user@host/db?table=t --department scjg",
    )
)
@reported
def new(
    source: Annotated[str, typer.Argument(help=say("样本文件、网址或数据库地址", "a sample file, a URL or a DSN"))],
    department: Annotated[str | None, typer.Option(help=say("部门代码", "the department's code"))] = None,
    department_name: Annotated[str | None, typer.Option(help=say("新部门的名称", "name of a new department"))] = None,
    name: Annotated[
        str | None, typer.Option(help=say("英文名，如 venue_inspection", "English name of the feed"))
    ] = None,
    label: Annotated[str | None, typer.Option(help=say("中文名", "Chinese name of the feed"))] = None,
    subject: Annotated[str | None, typer.Option(help=say("已知主题，或 none", "a known subject, or none"))] = None,
    table: Annotated[str | None, typer.Option(help=say("数据库的表或视图", "table or view of a database"))] = None,
    into: Annotated[Path | None, _INTO] = None,
    pull: Annotated[
        bool,
        typer.Option("--pull", help=say("网址是接口，合同里写上以后自动拉取", "the URL is an interface to pull from")),
    ] = False,
) -> None:
    """按样本起草合同：列名、类型、主键、代码、个人信息、试收结果 · Draft a contract from a sample, and try it."""
    from ingest.authoring.drafting import draft_feed, try_out
    from ingest.feeds.loading import load_feeds
    from orchestration.feed.new import choose_place, report, write
    from orchestration.feed.sample import fetched

    feeds = load_feeds()
    with fetched(source, table, department, tell=typer.echo, is_pull=pull) as sample:
        place = choose_place(sample.file_name, feeds, department, name, into, sample.folder)
        typer.echo(say(f"正在读取样本 {sample.file_name} …", f"reading {sample.file_name} …"))
        draft = draft_feed(
            sample.path,
            place.department,
            place.name,
            feeds,
            label,
            subject,
            file_name=sample.file_name,
            servers=sample.servers,
        )
        _, trial = try_out(draft.text, place.department, place.name, sample.path, sample.file_name)
        written = write(place, draft, department_name)
    for line in report(draft, trial, written, place):
        typer.echo(line)


@app.command(
    epilog=example(
        "jgt feed accept yjgl.inspection", "jgt feed accept yjgl.inspection --alias 巡检日期=inspected_on --yes"
    )
)
@reported
def accept(
    feed: Annotated[str, typer.Argument(help=say("部门.数据", "department.feed"))],
    file: Annotated[Path | None, typer.Option(help=say("新样子的文件", "a file of the new shape"))] = None,
    batch: Annotated[
        str | None, typer.Option(help=say("批次，默认是使其停收的那一批", "a batch; default: what stopped it"))
    ] = None,
    alias: Annotated[
        list[str] | None, typer.Option(help=say("表头=列：只是改名", "HEADER=COLUMN: a new name only"))
    ] = None,
    as_new: Annotated[
        list[str] | None, typer.Option(help=say("这个表头是新列，不是改名", "this header is a new column"))
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=say("不再询问", "do not ask"))] = False,
) -> None:
    """报送变了样：看差异，写出合同的新版本 · See how a feed's shape changed and write its contract's next version."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_feeds
    from orchestration.feed.accept import difference_lines, propose, write

    feeds = load_feeds()
    _require(feed, list(feeds))
    aliases = {}
    for given in alias or []:
        header, sign, column = given.rpartition("=")
        if not sign or not header:
            fail(say(f"--alias {given} 应写作 表头=列名", f"--alias {given}: write HEADER=COLUMN"), 2)
        aliases[header.strip()] = column.strip()
    proposal = propose(Home.from_environment(), feeds, feed, file, batch, aliases, as_new or [])
    for line in difference_lines(proposal):
        typer.echo(line)
    if not yes and not typer.confirm(say("写出新版本？", "write the new version?")):
        typer.echo(say("未改动。", "left as it was."))
        raise typer.Exit(1)
    for line in write(proposal):
        typer.echo(line)


@app.command(epilog=example("jgt feed check", "jgt feed check wlj.venue_inspection --sample 场馆检查.xlsx"))
@reported
def check(
    feed: Annotated[
        str | None, typer.Argument(help=say("部门.数据，默认全部", "department.feed; default: all"))
    ] = None,
    sample: Annotated[Path | None, typer.Option(help=say("试收这个文件", "a file to try"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """合同、样本、模型、字典一起核对，有错误时退出码为 1 · Lint contract, sample, model and dictionary together."""
    from dataclasses import asdict

    from ingest.feeds.loading import contract_paths
    from orchestration.feed.check import check as lint
    from orchestration.feed.check import lines
    from orchestration.feed.new import trial_lines

    known = list(contract_paths())
    if feed is not None:
        _require(feed, known)
    if sample is not None and feed is None:
        fail(say("--sample 要说明是哪类数据：jgt feed check 部门.数据 --sample 文件", "--sample needs a feed"), 2)
    if sample is not None and not sample.is_file():
        fail(say(f"没有文件 {sample}。请核对路径。", f"no file {sample}; check the path."))
    findings, trial = lint([feed] if feed else None, sample)
    if as_json:
        typer.echo(json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2))
    else:
        for line in trial_lines(trial)[:1] if trial else ():
            typer.echo(line)
        for line in lines(findings, 1 if feed else len(known)):
            typer.echo(line)
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(1)


def _require(feed: str, known: list[str]) -> None:
    if feed in known:
        return
    from rapidfuzz import process

    near = "、".join(name for name, score, _ in process.extract(feed, known, limit=3) if score > 50)
    hint = say(f"相近的有 {near}。", f"near: {near}. ") if near else ""
    fail(say(f"没有数据 {feed}。{hint}全部：jgt feed list", f"no feed {feed}. {hint}All: jgt feed list"))
