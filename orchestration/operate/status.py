"""`jgt status`: what is published, whether the ledger balances, what waits in quarantine, which feed is late.

The JSON form is stable; its fields are listed in this room's README.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from ingest.base.clock import CITY_ZONE
from ingest.base.home import Home
from ingest.base.reasons import ROW_REASONS
from ingest.feeds.loading import load_departments, load_feeds
from orchestration.language import say
from orchestration.publish.versions import lost_version
from orchestration.run.pulling import failed_pull_lines
from orchestration.state.last_run import blocking_lines, last_run
from orchestration.state.new_files import LedgerUnreadable, require_sound_ledger

_PULL_FIELDS = ("feed", "server", "mode", "started", "rows", "file", "outcome", "message")


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Status:
    """The state of a home as an operator sees it; the fields are those of `jgt status --json` (this room's README).

    With a damaged ledger `balanced` is false, and what comes of it is empty.
    """

    home: str
    published: Row | None
    problems: tuple[str, ...]
    last_run: Row | None
    ledger: tuple[Row, ...] = ()
    balanced: bool = True
    quarantine_open: int = 0
    quarantine_resent: int = 0  # rows that came right in a later delivery
    refusals: tuple[Row, ...] = ()
    unknown_codes: tuple[Row, ...] = ()  # loaded all the same
    refused_files: tuple[Row, ...] = ()
    freshness: tuple[Row, ...] = ()
    stopped: tuple[Row, ...] = ()
    pulls: tuple[Row, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def collect(home: Home) -> Status:
    """What is true of a state folder now; it may be empty."""
    told = Status(str(home.root), _published(home), tuple(_lost(home)), last_run(home))
    try:
        require_sound_ledger(home)
    except LedgerUnreadable as error:
        return replace(told, problems=(*told.problems, str(error)), balanced=False)
    return _with_ledger(told, home) if home.ledger.exists() else told


def _lost(home: Home) -> Iterator[str]:
    lost = lost_version(home)
    if lost:
        yield say(
            f"serving/current 指向的版本 {lost} 不在了，看板没有数据可读。用 jgt rollback 换回现有版本，或运行 jgt run。",
            f"serving/current points at version {lost}, which is gone; dashboards have nothing to read. "
            "jgt rollback serves a kept version, jgt run makes a new one.",
        )


def _with_ledger(told: Status, home: Home) -> Status:
    from ingest.intake.drift import stopped_feeds
    from ingest.storage.freshness import freshness
    from ingest.storage.ledger import Ledger
    from ingest.storage.pull_history import latest_pulls

    feeds = load_feeds()
    with Ledger(home.ledger) as ledger:
        nothing = {"open": 0, "waiting": 0, "corrected": 0, "waived": 0}
        returned = ledger.returned()
        rows = tuple({**row, **returned.get(row["feed"], nothing)} for row in ledger.balance())
        told = replace(
            told,
            ledger=rows,
            balanced=all(r["received"] == r["loaded"] + r["refused"] + r["duplicate"] for r in rows),
            quarantine_open=ledger.quarantine_open(),
            quarantine_resent=len(ledger.resent()),
            refusals=tuple(ledger.refusals()),
            unknown_codes=tuple(ledger.kept_unknown()),
            refused_files=tuple(_plain(row) for row in ledger.refused_files()),
            stopped=tuple(_plain(row) for row in stopped_feeds(feeds, ledger)),
            freshness=tuple(_plain(row) for row in freshness(feeds, ledger, datetime.now(UTC))),
        )
    pulls = tuple({name: row[name] for name in _PULL_FIELDS} for row in latest_pulls(home.ledger))
    return replace(told, pulls=pulls)


def _plain(row: Any) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in dict(row).items()}


def _published(home: Home) -> dict[str, Any] | None:
    manifest = home.serving / "current" / "manifest.json"
    if not manifest.exists() or not home.current.exists():
        return None
    told = json.loads(manifest.read_text("utf-8"))
    return {
        "version": told["version"],
        "at": told["published_at"],
        "as_of": told["as_of"],
        "is_synthetic": told["is_synthetic"],
    }


def local_time(utc: str) -> str:
    """A UTC moment of the state as the city's clock shows it."""
    return datetime.fromisoformat(utc).astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M")


def show(state: Status) -> None:
    """Print the state for people."""
    from rich.console import Console

    console = Console()
    published = state.published
    if published is None:
        console.print(say("[yellow]尚未发布。[/] 下一步：jgt run", "[yellow]nothing published.[/] Next: jgt run"))
    else:
        notice = say("（演示数据）", " (demo data)") if published["is_synthetic"] else ""
        at = local_time(published["at"])
        line = say(
            f"版本 {published['version']}{notice}，数据截至 {published['as_of']}，发布于 {at}",
            f"version {published['version']}{notice}, data as of {published['as_of']}, published {at}",
        )
        console.print(f"[bold]{line}[/]")
    last = state.last_run
    for line in state.problems:
        console.print(f"[red]✘[/] {line}", highlight=False)
    if last and last["outcome"] == "running":
        console.print(say("[yellow]▶ 有一轮正在运行。[/]", "[yellow]▶ a run is going on.[/]"))
    elif last and last["outcome"] != "published":
        kept = say("，沿用上一版本", "; the version before is served") if published else ""
        console.print(say(f"[red]最近一轮未发布{kept}：[/]", f"[red]the last run was not published{kept}:[/]"))
        for line in blocking_lines(Home(Path(state.home))):
            console.print(f"  ✘ {line}", highlight=False)
    console.print(_feeds_table(state, console.width >= 110))
    resent = state.quarantine_resent
    settled = say(f"；部门重报更正 {resent:,} 条", f"; {resent:,} came right in a later delivery") if resent else ""
    balanced = say("平衡", "balanced") if state.balanced else say("不平衡", "NOT balanced")
    waiting, files = sum(row["waiting"] for row in state.ledger), len(state.refused_files)
    console.print(
        say(
            f"台账{balanced}；隔离待处理 {state.quarantine_open:,} 条（jgt quarantine list），"
            f"另有 {waiting:,} 条等所引用的记录{settled}；整件拒收 {files} 个文件",
            f"ledger {balanced}; {state.quarantine_open:,} rows in quarantine (jgt quarantine list), "
            f"{waiting:,} more wait for what they refer to{settled}; {files} files refused",
        )
    )
    if state.unknown_codes:
        console.print(_unknown_codes(state.unknown_codes), highlight=False)
    for row in state.stopped:
        line = say(
            f"{row['label']}（{row['feed']}）已停收，看差异并处理：jgt feed accept {row['feed']}",
            f"{row['feed']} is stopped; see how it changed: jgt feed accept {row['feed']}",
        )
        console.print(f"[red]■[/] {line}", highlight=False)
    for row in state.refused_files:
        console.print(f"  ⚠ {row['file']}：{row['reason_message']}", highlight=False)
    for line in failed_pull_lines(Home(Path(state.home))) if state.pulls else ():
        console.print(f"  ⚠ {line}", highlight=False, markup=False)


def _unknown_codes(found: Sequence[Row]) -> str:
    """What was loaded though it is on no list: how much, where most of it, what to do."""
    feeds = load_feeds()
    rows = sum(row["rows"] for row in found)
    most = "、".join(
        f"{feeds[row['feed']].label} {feeds[row['feed']].column(row['column_name']).label} {row['rows']:,}"
        for row in found[:3]
        if row["feed"] in feeds and row["column_name"] in {c.name for c in feeds[row["feed"]].columns}
    )
    return say(
        f"代码表以外的代码照样收下 {rows:,} 条，显示为未知（{most}{' 等' if len(found) > 3 else ''}）："
        '用 jgt sql "select * from quality.rpt_unknown_code" 核对，是新代码就补进合同',
        f"{rows:,} values are on no list and shown as unknown, most in {most}: see quality.rpt_unknown_code; add new codes "
        "to the contract",
    )


def _feeds_table(state: Status, is_wide: bool) -> Table:
    """Every feed, also one that never came, by department in official order: when, how much, what was refused and why.

    A narrow terminal gets what a steward needs first: dates, duplicates and reasons are left to a wider one.
    """
    headings = say(
        "部门 数据 最近数据 时效 收到 入库 拒收 重复 待处理 主要原因",
        "department feed latest freshness received loaded refused duplicate open reason",
    ).split()
    table = Table(title=say("各类数据接收情况", "feeds"), title_justify="left")
    shown = [place for place in range(len(headings)) if is_wide or place not in (2, 7, 9)]
    for place in shown:
        table.add_column(headings[place], justify="right" if 4 <= place <= 8 else "left", no_wrap=place < 9)
    states = {"fresh": say("按时", "fresh"), "late": say("[red]逾期[/]", "late"), "never": say("从未报送", "never")}
    balance = {row["feed"]: row for row in state.ledger}
    is_stopped = {row["feed"] for row in state.stopped}
    due = {row["feed"]: row for row in state.freshness}
    refusals: dict[str, list[Row]] = {}
    for row in state.refusals:
        refusals.setdefault(row["feed"], []).append(row)
    feeds = load_feeds()
    departments = {d["code"]: d["short_name"] for d in load_departments()}
    order = list(departments)
    rows = [
        (departments[f.department], f.label, f.id)
        for f in sorted(feeds.values(), key=lambda f: order.index(f.department))
    ]
    rows += [("", say("（无合同的文件）", "(no contract)"), name) for name in balance if name not in feeds]
    former = ""
    for department, label, name in rows:
        counts = balance.get(name, {})
        own = refusals.get(name, [])
        reason = ROW_REASONS.get(own[0]["reason_codes"].split(",")[0]) if own else None
        if department != former and former:
            table.add_section()
        timely = states.get(due.get(name, {}).get("state", ""), "")
        cells = (
            department if department != former else "",
            label,
            due.get(name, {}).get("last_batch") or "—",
            say("[red]已停收[/]", "[red]stopped[/]") if name in is_stopped else timely,
            *(f"{counts[c]:,}" if counts else "—" for c in ("received", "loaded", "refused", "duplicate")),
            f"{sum(r['rows'] for r in own):,}" if own else "",
            reason.label if reason else "",
        )
        table.add_row(*(cells[place] for place in shown))
        former = department
    return table


def show_versions(home: Home) -> None:
    """Print the published versions, newest first."""
    from rich.console import Console

    from orchestration.publish.publishing import current_version, versions

    current = current_version(home)
    table = Table()
    for heading in say("版本 数据截至 发布时间 状态", "version as-of published state").split():
        table.add_column(heading)
    for told in versions(home):
        serving = say("● 提供中", "● serving") if told["version"] == current else ""
        table.add_row(told["version"], told["as_of"], local_time(told["published_at"]), serving)
    Console().print(table)
