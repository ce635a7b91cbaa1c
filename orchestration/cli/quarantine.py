"""`jgt quarantine`: what was refused, why, and the way back: to the department, and in again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.shared import example, fail, printer, reported
from orchestration.language import say

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=say(
        "退回的记录：查看、退给部门更正、更正后重判、豁免（留痕）。",
        "What was refused: see it, send it back, judge it again, waive it (audited).",
    ),
)
_Department = Annotated[str | None, typer.Option("--department", help=say("部门代码或简称", "code or short name"))]
_Feed = Annotated[str | None, typer.Option("--feed", help=say("部门.数据", "department.feed"))]


@app.command(
    "list", epilog=example("jgt quarantine list", "jgt quarantine list --department 应急局 --reason USCC_CHECK")
)
@reported
def list_(
    department: _Department = None,
    feed: _Feed = None,
    reason: Annotated[str | None, typer.Option(help=say("原因代码", "reason code"))] = None,
    state: Annotated[str | None, typer.Option(help="open | waiting | corrected | waived | all")] = None,
    limit: Annotated[int, typer.Option(help=say("最多列出多少条，0 为全部", "rows shown at most, 0: all"))] = 20,
    as_json: Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))] = False,
) -> None:
    """先按部门、数据、原因、状态计数，再列出记录 · Counts by department, feed, reason and state, then rows."""
    from ingest.base.home import Home
    from orchestration.steward.quarantine import Filter, find, show_list

    found = find(Home.from_environment(), Filter(department, feed, reason, state))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        show_list(found, limit)


@app.command(epilog=example("jgt quarantine show yjgl_inspection_20261120_0a1b2c3d4e5f_17"))
@reported
def show(
    identity: Annotated[str, typer.Argument(metavar="ID", help=say("退回编号或批次", "id of a row or file"))],
) -> None:
    """一条退回记录的全部：原始内容（标出问题格）、原因、办法、经过 · One refused row or file, whole."""
    from ingest.base.home import Home
    from orchestration.steward.quarantine import show_one

    show_one(Home.from_environment(), identity)


@app.command(epilog=example("jgt quarantine export", "jgt quarantine export --department 应急局"))
@reported
def export(
    department: _Department = None,
    out: Annotated[Path | None, typer.Option(help=say("输出文件夹", "folder to write to"))] = None,
) -> None:
    """每个部门一个工作簿，问题格标红，附原因与建议更正 · A workbook per department to correct and send back."""
    from ingest.base.home import Home
    from ingest.correcting.return_workbook import export_returns
    from ingest.feeds.loading import load_feeds
    from ingest.storage.ledger import Ledger
    from orchestration.state.run_folder import data_date
    from orchestration.steward.quarantine import departments, require_ledger

    home = Home.from_environment()
    require_ledger(home)
    folder = out or home.exports / "退回"
    with Ledger(home.ledger) as ledger:
        written = export_returns(home, ledger, load_feeds(), departments(department), data_date(), folder)
    if not written:
        typer.echo(say("✔ 没有待更正的记录。", "✔ nothing is open."))
        return
    for path, rows in written:
        typer.echo(say(f"✔ {path}：{rows:,} 条", f"✔ {path}: {rows:,} rows"))
    typer.echo(
        say(
            "这些工作簿含部门自己的个人信息（文件权限 0600），只发给该部门。"
            "部门改好后放进 landing/<部门>/退回更正/，再运行 jgt run；或 jgt quarantine redrive 文件。",
            "These workbooks hold the department's own personal data (mode 0600): send each to its department only. "
            "Once corrected, drop it into landing/<department>/退回更正/ and run jgt run, or jgt quarantine redrive FILE.",
        )
    )


@app.command(
    epilog=example(
        "jgt quarantine redrive",
        "jgt quarantine redrive 应急局_退回记录_20261120.xlsx",
        "jgt quarantine redrive --feed yjgl.hazard",
    )
)
@reported
def redrive(
    files: Annotated[list[Path] | None, typer.Argument(help=say("更正后的工作簿", "corrected workbooks"))] = None,
    feed: _Feed = None,
    batch: Annotated[str | None, typer.Option(help=say("批次编号", "id of a batch"))] = None,
    by: Annotated[
        str, typer.Option(help=say("经办人，记入台账", "who does it; kept for the audit"))
    ] = "jgt quarantine",
) -> None:
    """重判：更正后的工作簿；或（--feed、--batch）按现行合同重判退回的行与文件 · Judge corrected or refused rows again."""
    from ingest.base.home import Home
    from ingest.feeds.loading import load_feeds
    from orchestration.steward.quarantine import redrive_files, redrive_refused

    home, feeds = Home.from_environment(), load_feeds()
    if files and (feed or batch):
        fail(say("工作簿与 --feed、--batch 不能同时给。", "give workbooks, or --feed and --batch, not both."), 2)
    if feed and feed not in feeds:
        fail(say(f"没有 {feed} 的合同；jgt feed list 列出全部。", f"no contract {feed}; see jgt feed list."), 2)
    if missing := next((path for path in files or [] if not path.is_file()), None):
        fail(say(f"没有文件 {missing}。", f"no file {missing}."), 2)
    if feed or batch:
        results = redrive_refused(home, feeds, feed, batch, by)
        nothing = say(
            "✔ 没有可重判的：合同没有变过，或没有待处理的记录（引号、列数有误的行须由部门更正）。",
            "✔ nothing to judge again: the contract has not changed, or nothing is open.",
        )
    else:
        results = redrive_files(home, feeds, files, by, printer())
        nothing = say(
            "✔ 没有新的更正工作簿（同一文件放两次不会重复入库）。",
            "✔ no new corrected workbook; the same one twice changes nothing.",
        )
    if not results:
        typer.echo(nothing)
        return
    totals = {name: sum(getattr(r, name) for r in results) for name in ("received", "loaded", "refused", "duplicate")}
    typer.echo(
        say(
            f"✔ 重判 {totals['received']:,} 条：入库 {totals['loaded']:,}，重复 {totals['duplicate']:,}，"
            f"仍退回 {totals['refused']:,}。下一步：jgt run 更新看板；仍退回的见 jgt quarantine list。",
            f"✔ judged {totals['received']:,} rows again: {totals['loaded']:,} loaded, {totals['duplicate']:,} duplicate, "
            f"{totals['refused']:,} still refused. Next: jgt run; see jgt quarantine list for the rest.",
        )
    )
    if any(r.reason_code == "RETURN_UNKNOWN" for r in results):
        fail("；".join(str(r.reason_message) for r in results if r.reason_code == "RETURN_UNKNOWN"))


@app.command(
    epilog=example('jgt quarantine waive yjgl_hazard_20261120_0a1b2c3d4e5f_9 --by 张三 --reason "企业已注销，无法补报"')
)
@reported
def waive(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help=say("退回编号，或整份退回的批次", "rows or files"))],
    by: Annotated[str, typer.Option(help=say("谁决定的", "who decides"))],
    reason: Annotated[str, typer.Option(help=say("为什么不再追", "why it is given up"))],
) -> None:
    """豁免：不再等更正；须有姓名与理由，永久留痕 · Give up on rows; a name and a reason are kept for good."""
    from ingest.base.home import Home
    from orchestration.steward.quarantine import waive as decide

    if not by.strip() or not reason.strip():
        fail(say("--by 与 --reason 都不能为空。", "--by and --reason must not be empty."), 2)
    count = decide(Home.from_environment(), ids, by.strip(), reason.strip())
    typer.echo(
        say(
            f"✔ 已豁免 {count} 条，记在 {by} 名下。若后来收到更正，仍可重判入库。",
            f"✔ waived {count}, in the name of {by}. A correction that comes later is still taken in.",
        )
    )
