"""The data catalogue: every feed with what its contract promises and what has come of it. Behind `jgt feed list` and `show`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ingest.base.home import Home
from ingest.feeds.loading import load_departments, load_subjects, subject_map
from ingest.feeds.model import Column, Feed
from orchestration.language import say

FORMS = {
    "json": "JSON",
    "jsonl": "JSON 行",
    "xml": "XML",
    "parquet": "Parquet",
    "html": "XLS（网页表格）",
    "xml2003": "XLS（XML 2003）",
}


def entries(home: Home, feeds: Mapping[str, Feed], department: str | None = None) -> list[dict[str, Any]]:
    """The catalogue as plain values, departments in display order.

    Args:
        home: state folder; may be empty.
        feeds: every contract.
        department: only this one, by code, name or short name.

    Returns:
        One entry a feed: feed, label, department, department_name, subject, form, frequency_days, latency_hours,
        version, columns, rows_loaded, last_delivery, state (fresh, late, never, stopped).
    """
    from ingest.intake.drift import stopped_feeds
    from ingest.storage.freshness import freshness
    from ingest.storage.ledger import Ledger

    departments = {d["code"]: d for d in load_departments()}
    loaded: dict[str, int] = {}
    due: dict[str, dict[str, Any]] = {}
    is_stopped: set[str] = set()
    if home.ledger.exists():
        with Ledger(home.ledger) as ledger:
            loaded = {row["feed"]: int(row["loaded"]) for row in ledger.balance()}
            due = {row["feed"]: row for row in freshness(feeds, ledger, datetime.now(UTC))}
            is_stopped = {row["feed"] for row in stopped_feeds(feeds, ledger)}
    found = []
    for feed in feeds.values():
        told = departments.get(feed.department, {})
        names = {feed.department, told.get("name"), told.get("short_name")}
        if department is not None and department not in names:
            continue
        last = due.get(feed.id, {}).get("last_batch")
        found.append(
            {
                "feed": feed.id,
                "label": feed.label,
                "department": feed.department,
                "department_name": told.get("short_name") or feed.department,
                "subject": feed.subject,
                "form": form(feed),
                "frequency_days": feed.frequency_days,
                "latency_hours": feed.latency_hours,
                "version": feed.version,
                "columns": len(feed.columns),
                "rows_loaded": loaded.get(feed.id, 0),
                "last_delivery": last.isoformat() if last else None,
                "state": "stopped" if feed.id in is_stopped else due.get(feed.id, {}).get("state", "never"),
            }
        )
    order = {code: told["display_order"] for code, told in departments.items()}
    return sorted(found, key=lambda e: (order.get(e["department"], 9999), e["feed"]))


def form(feed: Feed) -> str:
    """How a feed comes: a file's form, a database or an interface."""
    if feed.pulls:
        kinds = {pull.kind for pull in feed.pulls}
        return say("接口", "REST") if kinds == {"api"} else say("数据库", "database")
    return FORMS.get(feed.format or "", (feed.format or say("任意", "any")).upper())


def frequency(days: int) -> str:
    """How often a feed is due, in words."""
    known = {1: ("每天", "daily"), 7: ("每周", "weekly"), 30: ("每月", "monthly"), 31: ("每月", "monthly")}
    known |= {90: ("每季", "quarterly"), 91: ("每季", "quarterly"), 365: ("每年", "yearly"), 366: ("每年", "yearly")}
    return say(*known[days]) if days in known else say(f"每 {days} 天", f"every {days} days")


def show_list(found: list[dict[str, Any]]) -> None:
    """Print the catalogue for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=say(f"数据目录（{len(found)} 类）", f"data catalogue ({len(found)} feeds)"), title_justify="left"
    )
    headings = say(
        "部门 数据 主题 形式 版本 已入库 数据至", "department feed subject form version loaded until"
    ).split()
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place == 5 else "left", no_wrap=place > 3, overflow="fold")
    states = {
        "fresh": say("[green]按时[/]", "[green]on time[/]"),
        "late": say("[red]逾期[/]", "[red]late[/]"),
        "never": say("[dim]从未报送[/]", "[dim]never[/]"),
        "stopped": say("[red]已停收[/]", "[red]stopped[/]"),
    }
    before = None
    for e in found:
        name = e["department_name"] if e["department"] != before else ""
        table.add_row(
            name,
            f"{e['feed']}\n[dim]{e['label']}[/]",
            e["subject"] or "—",
            f"{e['form']}\n[dim]{frequency(e['frequency_days'])}[/]",
            f"{e['version']}\n[dim]{e['columns']} {say('列', 'columns')}[/]",
            f"{e['rows_loaded']:,}",
            f"{e['last_delivery'] or '—'}\n{states[e['state']]}",
        )
        before = e["department"]
    Console().print(table)


def column_entry(column: Column, feed: Feed) -> dict[str, Any]:
    """One column as plain values."""
    subject_of = {name: target for target, name in subject_map(feed).items()}
    return {
        "name": column.name,
        "label": column.label,
        "type": column.duckdb_type,
        "key": column.is_key,
        "required": column.required,
        "personal": column.is_personal,
        "aliases": list(column.synonyms),
        "rules": rules(column),
        "codes": dict(column.codes),
        "maps_to": subject_of.get(column.name),
        "description": column.description,
    }


def rules(column: Column) -> list[str]:
    """What must hold for a column's values, in words."""
    named = {"gb32100": "GB 32100 校验", "gb11643": "GB 11643 校验"}
    found = [named.get(rule, rule) for rule in column.rules]
    found += [f"码表 {column.code_list}"] if column.code_list else []
    found += [f"{column.width} 位代码"] if column.width else []
    found += [f"≥ {column.minimum:g}"] if column.minimum is not None else []
    found += [f"≤ {column.maximum:g}"] if column.maximum is not None else []
    if column.unit:
        unit = column.unit
        found.append(f"单位 {unit.sent}" + (f"，存为{unit.stored}" if unit.sent != unit.stored else ""))
    if column.codes:
        found.append("取值 " + "、".join(dict.fromkeys(label for label, _ in column.codes)))
    if column.codes or column.code_list:
        found.append("表外代码照样收下，计为未知" if column.keeps_unknown else "表外代码退回")
    return found


def describe(home: Home, feeds: Mapping[str, Feed], feed_id: str) -> dict[str, Any]:
    """A feed with its columns, as plain values."""
    feed = feeds[feed_id]
    [entry] = entries(home, {feed_id: feed})
    return {
        **entry,
        "purpose": feed.purpose,
        "grain": feed.grain,
        "owner": feed.owner,
        "file_pattern": feed.file_pattern,
        "encoding": feed.encoding,
        "delimiter": feed.delimiter,
        "version_column": feed.version_column,
        "date_orders": [list(pair) for pair in feed.date_orders],
        "column_list": [column_entry(c, feed) for c in feed.columns],
    }


def show_feed(told: dict[str, Any]) -> None:
    """Print one feed for people."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    subject = told["subject"]
    subject_name = (
        f"{load_subjects()[subject]['label']}（{subject}）" if subject else say("自有形状", "a shape of its own")
    )
    console.print(f"[bold]{told['feed']}[/] {told['label']} {told['version']}", highlight=False)
    lines = {
        say("部门", "department"): told["department_name"],
        say("主题", "subject"): subject_name,
        say("粒度", "grain"): told["grain"],
        say("文件", "file"): f"landing/{told['feed'].replace('.', '/')}/{told['file_pattern']}（{told['form']}）",
        say("报送", "due"): f"{frequency(told['frequency_days'])}，{told['latency_hours']} h",
        say("已入库", "loaded"): f"{told['rows_loaded']:,}",
        say("数据至", "until"): told["last_delivery"] or "—",
        say("版本列", "version column"): told["version_column"] or "—",
    }
    for name, value in lines.items():
        console.print(f"  {name}：{value}", highlight=False)
    table = Table()
    for heading in say("列 类型 标记 规则与别名", "column type marks rules-and-aliases").split():
        table.add_column(heading, overflow="fold")
    marks = {"key": say("主键", "key"), "required": say("必填", "required"), "personal": say("个人信息", "personal")}
    for c in told["column_list"]:
        maps = f"→ {c['maps_to']}" if c["maps_to"] else ""
        aliases = say("别名 ", "also ") + "、".join(c["aliases"]) if c["aliases"] else ""
        table.add_row(
            f"{c['label']}\n[dim]{c['name']}[/]",
            c["type"],
            "\n".join([label for name, label in marks.items() if c[name]]),
            "\n".join(filter(None, [maps, *c["rules"], aliases, c["description"]])),
        )
    console.print(table)
