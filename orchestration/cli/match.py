"""`jgt match`: the queue of doubtful pairs, and a steward's decisions about them."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from orchestration.cli.shared import example, fail, reported
from orchestration.language import say

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=say(
        "主体待认定队列：各部门说的是不是同一家，由数据管理员认定。",
        "The matching queue: whether two departments mean the same enterprise, decided by a steward.",
    ),
)
_ID = Annotated[str, typer.Argument(metavar="ID", help=say("候选编号", "id of a candidate"))]
_BY = Annotated[str, typer.Option("--by", help=say("谁决定的", "who decides"))]
_REASON = Annotated[str, typer.Option("--reason", help=say("理由", "why"))]
_JSON = Annotated[bool, typer.Option("--json", help=say("稳定的机器格式", "stable format"))]


@app.command("list", epilog=example("jgt match list", "jgt match list --department 城管局 --min-score 0.85"))
@reported
def list_(
    department: Annotated[str | None, typer.Option(help=say("部门代码或名称", "code or name of a department"))] = None,
    state: Annotated[str, typer.Option(help="open | accepted | rejected | auto | all")] = "open",
    min_score: Annotated[float | None, typer.Option(help=say("相似度不低于", "at least this score"))] = None,
    limit: Annotated[int, typer.Option(help=say("最多列出几种提法", "at most so many mentions"))] = 30,
    as_json: _JSON = False,
) -> None:
    """待认定的（或已认定、已否定、自动对上的）· What waits for a decision, or was decided."""
    from ingest.base.home import Home
    from orchestration.steward.match import STATES, entries, select, show_list

    if state not in (*STATES, "all"):
        fail(
            say(f"没有状态 {state}；可用：{'、'.join(STATES)}、all", f"no state {state}; use {', '.join(STATES)}, all"),
            2,
        )
    found = select(entries(Home.from_environment()), department, state, min_score)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo(say("✔ 没有这样的候选。", "✔ nothing of that kind."))
        return
    show_list(found, limit)
    typer.echo(
        say(
            "认定：jgt match accept 编号 --by 姓名　否定：jgt match reject 编号 --by 姓名",
            "decide: jgt match accept ID --by NAME, jgt match reject ID --by NAME",
        )
    )


@app.command(epilog=example("jgt match show 0A1B2C3D4E5F"))
@reported
def show(candidate: _ID, as_json: _JSON = False) -> None:
    """一对候选的全部依据、对手与经过 · All that speaks for a pair, its rivals, its history."""
    from ingest.base.home import Home
    from orchestration.steward.match import entries, history, one, show_one

    home = Home.from_environment()
    rows = entries(home)
    row = one(rows, candidate)
    events = history(home, row["mention_key"])
    if as_json:
        rivals = [r for r in rows if r["mention_key"] == row["mention_key"] and r is not row]
        typer.echo(json.dumps({**row, "rivals": rivals, "history": events}, ensure_ascii=False, indent=2))
    else:
        show_one(rows, candidate, events)


def _decide(action: Literal["accept", "reject"], candidate: str, by: str, reason: str) -> None:
    from ingest.base.home import Home
    from orchestration.steward.match import decide

    made = decide(Home.from_environment(), action, candidate, by, reason)
    also = len(made) - 1
    done = say("已认定", "accepted") if action == "accept" else say("已否定", "rejected")
    rest = say(f"，同一提法的其他 {also} 个候选随之否定", f", {also} rivals rejected") if also else ""
    after = say("下次 jgt run 起生效。", "in force from the next jgt run.")
    typer.echo(
        say(f"✔ {done} {made[0].candidate_id}{rest}；{after}", f"✔ {done} {made[0].candidate_id}{rest}; {after}")
    )


@app.command(epilog=example("jgt match accept 0A1B2C3D4E5F --by 李娜 --reason 电话核实"))
@reported
def accept(candidate: _ID, by: _BY, reason: _REASON = "") -> None:
    """认定是这一家，其他候选随之否定 · It is this one; its rivals are rejected."""
    _decide("accept", candidate, by, reason)


@app.command(epilog=example("jgt match reject 0A1B2C3D4E5F --by 李娜 --reason 同名不同店"))
@reported
def reject(candidate: _ID, by: _BY, reason: _REASON = "") -> None:
    """认定不是这一家 · It is not this one."""
    _decide("reject", candidate, by, reason)


@app.command(epilog=example("jgt match undo 0A1B2C3D4E5F --by 李娜 --reason 核实有误"))
@reported
def undo(candidate: _ID, by: _BY, reason: _REASON = "") -> None:
    """撤回一次认定或否定，留有记录 · Take a decision back; the record of it stays."""
    from ingest.base.home import Home
    from orchestration.steward.match import undo as take_back

    made = take_back(Home.from_environment(), candidate, by, reason)
    typer.echo(
        say(
            f"✔ 已撤回 {made[0].candidate_id} 等 {len(made)} 项决定；下次 jgt run 起生效。",
            f"✔ {len(made)} decisions taken back; in force from the next jgt run.",
        )
    )
