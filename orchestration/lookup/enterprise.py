"""`jgt enterprise`: one enterprise as the warehouse knows it (一企一档), found by code or by name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TextIO

from ingest.base.home import Home
from orchestration.language import say
from orchestration.lookup.connection import WarehouseError, query

_CANDIDATES = 20
_WIDE = 110  # columns of a terminal below which kind, department and amount go into the sentence
_HEAD = """
select
    e.entity_id, e.enterprise_name, e.uscc, e.entity_kind, e.status, e.is_registered, e.district_name, e.street_name,
    e.industry_code, e.industry_name, e.established_on, e.is_key_supervised, e.key_types, e.is_insurance_compulsory,
    e.standardization_level, e.standardization_valid_until, e.credit_colour, e.credit_score
from core.dim_enterprise as e
"""
_FORMERLY = "e.entity_id in (select h.entity_id from core.dim_enterprise_history as h where h.enterprise_name = ?)"
_EVENTS = """
select event_on, event_kind, event_kind_name, chapter, department_name, what_happened, amount_yuan, source_rows,
    source_feed, source_id, as_of
from core.rpt_enterprise_file where entity_id = ?
order by event_on, event_kind <> 'inspected', chapter, event_key
"""
# the work lists that name an enterprise: what is open there now, since when, who must act, what to do
_TODOS = {
    "inspection.rpt_enforcement_todo": "todo_name, since_on, department_name, what_to_do",
    "credit.rpt_credit_todo": "todo_name, since_on, department_name, what_to_do",
    "insurance.rpt_uninsured": "case when is_never_insured then '未参保' else '脱保' end, uninsured_since, null, what_to_do",
}
_PUBLISHED = "select table_schema || '.' || table_name from information_schema.tables"
_KINDS = {"enterprise": "企业", "sole_trader": "个体工商户", "small_place": "小型场所"}
_STATUS = {"active": "存续", "revoked": "吊销", "deregistered": "注销", "moved_out": "迁出"}
_COLOURS = {"green": "绿", "yellow": "黄", "orange": "橙", "red": "红"}


@dataclass(frozen=True)
class EnterpriseFile:
    """What is known of one enterprise: `head` as it is now, `events` in order of their days, `todos` still open."""

    head: dict[str, Any]
    events: list[dict[str, Any]]
    todos: list[dict[str, Any]] = field(default_factory=list)


def find(home: Home, wanted: str) -> list[dict[str, Any]]:
    """The enterprises that a code or a name means: those it fits exactly, else those whose name contains it.

    Args:
        home: state folder with a published version.
        wanted: unified code, entity id, name, also a former one (曾用名), or a part of a name.

    Raises:
        WarehouseError: nothing is published.
    """
    text = wanted.strip()
    exact = f"{_HEAD} where e.uscc = upper(?) or e.entity_id = ? or e.enterprise_name = ? or {_FORMERLY} order by e.entity_id"
    names, rows = query(home, exact, [text, text, text, text])
    if not rows:
        part = f"{_HEAD} where contains(e.enterprise_name, ?) order by e.enterprise_name limit {_CANDIDATES + 1}"
        names, rows = query(home, part, [text])
    return [dict(zip(names, row, strict=True)) for row in rows]


def read(home: Home, wanted: str) -> EnterpriseFile:
    """The file of the one enterprise that is meant.

    Raises:
        WarehouseError: nobody or several are called so; the message lists the candidates.
    """
    found = find(home, wanted)
    if not found:
        raise WarehouseError(
            say(
                f"没有名称或代码为“{wanted}”的主体；名称可以只写一部分。",
                f"no enterprise is called or coded {wanted!r}; a part of the name will do.",
            )
        )
    if len(found) > 1:
        shown = [
            f"  {c['entity_id']}  {c['uscc'] or '—':18}  {c['enterprise_name']}（{_status_of(c)}）"
            for c in found[:_CANDIDATES]
        ]
        more = [say("  ……", "  …")] if len(found) > _CANDIDATES else []
        number = f"{_CANDIDATES}+" if more else str(len(found))
        head = say(f"有 {number} 家叫“{wanted}”，请用编号：", f"{number} are called {wanted!r}; name one by its id:")
        raise WarehouseError("\n".join([head, *shown, *more]))
    entity = found[0]["entity_id"]
    names, rows = query(home, _EVENTS, [entity])
    return EnterpriseFile(found[0], [dict(zip(names, row, strict=True)) for row in rows], _todos(home, entity))


def _todos(home: Home, entity: str) -> list[dict[str, Any]]:
    """What is open at an enterprise by the work lists that are published, oldest first."""
    published = {row[0] for row in query(home, _PUBLISHED)[1]}
    parts = [
        f"select {columns} from {table} where entity_id = ?" for table, columns in _TODOS.items() if table in published
    ]
    if not parts:
        return []
    listed = " union all ".join(parts)
    names, rows = query(
        home,
        "select todo_name, since_on, department_name, what_to_do"
        f" from ({listed}) as todo(todo_name, since_on, department_name, what_to_do) order by since_on, todo_name",
        [entity] * len(parts),
    )
    return [dict(zip(names, row, strict=True)) for row in rows]


def select(file: EnterpriseFile, chapter: str | None, since: str | None, limit: int | None) -> list[dict[str, Any]]:
    """Its events of one chapter or kind, since a day, the latest so many; still in order of their days."""
    found = [
        e
        for e in file.events
        if (chapter is None or chapter in (e["chapter"], e["event_kind"], e["event_kind_name"]))
        and (since is None or str(e["event_on"]) >= since)
    ]
    return found[-limit:] if limit else found


def show(file: EnterpriseFile, events: list[dict[str, Any]], out: TextIO) -> None:
    """Print the head, then a table of events."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(file=out, highlight=False)
    console.print(f"[bold]{escape(file.head['enterprise_name'])}[/bold]")
    for line in _head_lines(file):
        console.print(escape(line))
    if not events:
        console.print(say("没有这样的记载。", "nothing of that kind is on file."))
        return
    is_narrow = console.width < _WIDE
    table = Table(pad_edge=False)
    table.add_column(say("日期", "day"), no_wrap=True)
    if not is_narrow:
        table.add_column(say("种类", "kind"), no_wrap=True)
        table.add_column(say("部门", "department"), no_wrap=True)
    table.add_column(say("事项", "what happened"), overflow="fold", ratio=1)
    if not is_narrow:
        table.add_column(say("金额（万元）", "10,000 yuan"), justify="right", no_wrap=True)
    for e in events:
        amount = "" if e["amount_yuan"] is None else f"{e['amount_yuan'] / 10000:,.2f}"
        kind, department, what = e["event_kind_name"], e["department_name"], escape(e["what_happened"])
        if is_narrow:
            tail = f"（{amount} 万元）" if amount else ""
            table.add_row(str(e["event_on"]), f"[bold]{kind}[/bold] {department}：{what}{tail}")
        else:
            table.add_row(str(e["event_on"]), kind, department, what, amount)
    console.print(table)
    console.print(
        say(
            f"档案共 {len(file.events)} 件，所示 {len(events)} 件；截至 {file.events[-1]['as_of']}。",
            f"{len(file.events)} events on file, {len(events)} shown; as of {file.events[-1]['as_of']}.",
        )
    )


def _status_of(head: dict[str, Any]) -> str:
    return _STATUS.get(head["status"], head["status"] or "") if head["is_registered"] else "未登记"


def _head_lines(file: EnterpriseFile) -> list[str]:
    head = file.head
    kind = _KINDS.get(head["entity_kind"], head["entity_kind"] or "")
    status = _status_of(head)
    place = f"{head['district_name'] or ''}{head['street_name'] or ''}"
    trade = f"{head['industry_name']}（{head['industry_code']}）" if head["industry_code"] else ""
    since = f"{head['established_on']} 成立" if head["established_on"] else ""
    lines = [
        " · ".join(part for part in (head["uscc"] or head["entity_id"], kind, status, place, trade, since) if part)
    ]
    facts = []
    if head["is_key_supervised"]:
        facts.append(f"重点监管：{head['key_types']}")
    if head["standardization_level"]:
        facts.append(f"标准化{head['standardization_level']}（至 {head['standardization_valid_until']}）")
    if head["is_insurance_compulsory"]:
        facts.append("应投安责险")
    if head["credit_colour"]:
        colour = _COLOURS.get(head["credit_colour"], head["credit_colour"])
        facts.append(f"信用{colour}色 {float(head['credit_score']):g} 分")
    lines += [" · ".join(facts)] if facts else []
    if file.todos:
        open_since: dict[str, list[Any]] = {}
        for todo in file.todos:
            open_since.setdefault(todo["todo_name"], []).append(todo["since_on"])
        told = [f"{name} {len(since)} 件（最早 {since[0] or '不详'}）" for name, since in open_since.items()]
        lines.append("待办：" + "、".join(told))
    return lines


def as_json(file: EnterpriseFile, events: list[dict[str, Any]]) -> str:
    """The file in a stable machine format: `enterprise`, `todos` and `events`; amounts as exact text, days as ISO 8601."""
    told = {"enterprise": file.head, "todos": file.todos, "events": events}
    return json.dumps(told, ensure_ascii=False, indent=2, default=str)
