"""The matching queue as a steward works through it: what is doubtful, why, and what was decided by whom."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

import duckdb

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.base.sql import literal
from ingest.feeds.loading import load_departments, load_feeds
from ingest.matching.choosing import REASONS
from ingest.matching.decisions import DecisionRefused, Decisions, Event
from ingest.matching.tables import complete, folder
from orchestration.language import say

STATES = ("open", "accepted", "rejected", "auto")
_STATE_OF = {"accept": "accepted", "reject": "rejected"}


class NothingMatched(ShownError, RuntimeError):
    """There is no queue yet; the message says what to do."""


def entries(home: Home) -> list[dict[str, Any]]:
    """Every pair of the queue, best first, with what was decided since the last run.

    Returns:
        candidate_id, mention_key, departments (codes), mention (name, uscc, registration_no, organization_code, address,
        district_code, records), entity (entity_id, name, uscc, address, is_active), score, name_score, address_score,
        evidence, reason, state, decided_by, decided_at, decision_reason.

    Raises:
        NothingMatched: no run has made a queue.
    """
    spelling = folder(home) / "state" / "spelling.parquet"
    if not complete(home) or not spelling.exists():
        raise NothingMatched(say("还没有比对过：请先运行 jgt run。", "nothing was matched yet: run jgt run first."))
    candidate, link = (literal(folder(home) / f"entity_{n}.parquet") for n in ("candidate", "link"))
    found = duckdb.sql(f"""
        select
            c.candidate_id, c.mention_key, l.departments, l.enterprise_name as mention_name, l.uscc as mention_uscc,
            l.registration_no as mention_registration_no, l.organization_code as mention_organization_code,
            l.address as mention_address, l.district_code as mention_district_code,
            l.records as mention_records, cast(l.first_seen as varchar) as first_seen,
            c.entity_id, e.name as entity_name, e.uscc as entity_uscc, e.address as entity_address,
            e.is_active as entity_is_active,
            cast(c.score as double) as score, cast(c.name_score as double) as name_score,
            cast(c.address_score as double) as address_score, c.evidence, c.reason, c.state, c.decided_by,
            cast(c.decided_at as varchar) as decided_at, c.decision_reason
        from {candidate} as c
        join {link} as l on l.mention_key = c.mention_key
        left join (
            select entity_id, any_value(name) as name, any_value(uscc) as uscc, any_value(address) as address,
                any_value(is_active) as is_active
            from {literal(spelling)} where is_current group by entity_id
        ) as e on e.entity_id = c.entity_id
        order by c.state <> 'open', l.departments, l.enterprise_name, c.mention_key, c.score desc nulls last, c.entity_id
    """)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    with Decisions(home.ledger) as decisions:
        standing = {(e.mention_key, e.entity_id): e for e in decisions.standing()}
    for row in rows:
        row["reason_name"] = REASONS.get(row["reason"] or "", "")
        own = standing.get((row["mention_key"], row["entity_id"]))
        if own:
            row |= {"state": _STATE_OF[own.action], "decided_by": own.by, "decided_at": str(own.at)}
            row["decision_reason"] = own.reason
        elif row["decided_by"]:  # taken back since the last run
            row |= {"state": "open", "decided_by": None, "decided_at": None, "decision_reason": None}
    return rows


def select(
    rows: list[dict[str, Any]], department: str | None, state: str, min_score: float | None
) -> list[dict[str, Any]]:
    """The pairs of one department (code or name), one state (or `all`), and at least a score."""
    codes = {d["code"] for d in load_departments() if department in (d["code"], d["name"], d["short_name"])}
    return [
        row
        for row in rows
        if (department is None or codes & set((row["departments"] or "").split("、")))
        and state in ("all", row["state"])
        and (min_score is None or (row["score"] or 0) >= min_score)
    ]


def one(rows: list[dict[str, Any]], candidate_id: str) -> dict[str, Any]:
    """The pair of that id.

    Raises:
        DecisionRefused: there is none.
    """
    for row in rows:
        if row["candidate_id"] == candidate_id.strip().upper():
            return row
    raise DecisionRefused(
        say(
            f"没有编号为 {candidate_id} 的候选；jgt match list --state all 列出全部。",
            f"no candidate {candidate_id}; jgt match list --state all shows them all.",
        )
    )


def decide(home: Home, action: Literal["accept", "reject"], candidate_id: str, by: str, reason: str) -> list[Event]:
    """Accept or reject a pair; accepting rejects the mention's other candidates.

    Raises:
        DecisionRefused: there is no such pair, nobody decides, or it was decided before.
        NothingMatched: there is no queue.
    """
    rows = entries(home)
    row = one(rows, candidate_id)
    rivals = tuple(
        _triple(other)
        for other in rows
        if other["mention_key"] == row["mention_key"] and other["entity_id"] != row["entity_id"]
    )
    with Decisions(home.ledger) as decisions:
        return decisions.decide(action, _triple(row), by, reason, rivals)


def undo(home: Home, candidate_id: str, by: str, reason: str) -> list[Event]:
    """Take a decision back; see `Decisions.undo`."""
    with Decisions(home.ledger) as decisions:
        return decisions.undo(candidate_id.strip().upper(), by, reason)


def history(home: Home, mention_key: str) -> list[dict[str, Any]]:
    """Everything that was ever decided about a mention, in order."""
    with Decisions(home.ledger) as decisions:
        return [asdict(e) | {"at": str(e.at)} for e in decisions.events() if e.mention_key == mention_key]


def _triple(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["candidate_id"], row["mention_key"], row["entity_id"]


def show_list(rows: list[dict[str, Any]], limit: int) -> None:
    """Print pairs for people: a mention once, its candidates below it."""
    from rich.console import Console
    from rich.table import Table

    mentions = list(dict.fromkeys(row["mention_key"] for row in rows))
    shown = set(mentions[:limit])
    title = say(f"{len(mentions)} 种提法，{len(rows)} 对候选", f"{len(mentions)} mentions, {len(rows)} candidates")
    table = Table(title=title, title_justify="left")
    headings = say("编号 部门 提法 候选主体 相似度 原因 状态", "id department mention candidate score reason state")
    for place, heading in enumerate(headings.split()):
        table.add_column(heading, justify="right" if place == 4 else "left", no_wrap=place in (0, 4))
    names = {d["code"]: d["short_name"] for d in load_departments()}
    before = None
    for row in rows:
        if row["mention_key"] not in shown:
            continue
        is_new = row["mention_key"] != before
        table.add_row(
            row["candidate_id"],
            "、".join(names.get(c, c) for c in (row["departments"] or "").split("、")) if is_new else "",
            f"{row['mention_name'] or '—'}\n[dim]{row['mention_address'] or row['mention_uscc'] or '—'}[/]"
            if is_new
            else "",
            f"{row['entity_name'] or row['entity_id']}{'' if row['entity_is_active'] else say('（非存续）', ' (closed)')}"
            f"\n[dim]{row['entity_address'] or '—'}[/]",
            "—" if row["score"] is None else f"{row['score']:.2f}",
            row["reason_name"] or row["evidence"] or "",
            state_name(row),
        )
        before = row["mention_key"]
    console = Console()
    console.print(table)
    if len(mentions) > limit:
        console.print(say(f"另有 {len(mentions) - limit} 种提法，加 --limit 看更多。", "more with --limit"))


def state_name(row: dict[str, Any]) -> str:
    """The state in words, with who decided."""
    words = {
        "open": say("待认定", "open"),
        "accepted": say("已认定", "accepted"),
        "rejected": say("已否定", "rejected"),
        "auto": say("自动对上", "linked"),
    }
    return words[row["state"]] + (f"\n[dim]{row['decided_by']}[/]" if row["decided_by"] else "")


def show_one(rows: list[dict[str, Any]], candidate_id: str, events: list[dict[str, Any]]) -> None:
    """Print one pair with all its evidence, its rivals and its history."""
    from rich.console import Console

    row = one(rows, candidate_id)
    labels = {f.department: f.department for f in load_feeds().values()}
    labels |= {d["code"]: d["short_name"] for d in load_departments()}
    console = Console(highlight=False)
    departments = "、".join(labels.get(c, c) for c in (row["departments"] or "").split("、"))
    console.print(f"[bold]{row['candidate_id']}[/]  {state_name(row)}")
    console.print(
        say(f"部门 {departments}，{row['mention_records']} 条记录，首次收到 {row['first_seen']}", departments)
    )
    for heading, mine, theirs in (
        (say("名称", "name"), row["mention_name"], row["entity_name"]),
        (say("代码", "code"), _codes(row), row["entity_uscc"]),
        (say("地址", "address"), row["mention_address"], row["entity_address"]),
    ):
        console.print(f"  {heading}  {mine or '—'}  [dim]⇄[/]  {theirs or '—'}")
    scores = [f"{row[n]:.2f}" if row[n] is not None else "—" for n in ("score", "name_score", "address_score")]
    console.print(say("  相似度 {}（名称 {}，地址 {}）", "  score {} (name {}, address {})").format(*scores))
    console.print(f"  {row['evidence'] or ''}  {row['reason_name']}")
    for rival in rows:
        if rival["mention_key"] == row["mention_key"] and rival is not row:
            score = "—" if rival["score"] is None else f"{rival['score']:.2f}"
            console.print(
                say("  另一候选 ", "  rival ")
                + f"{rival['candidate_id']} {rival['entity_name']} {score} {state_name(rival)}"
            )
    for event in events:
        console.print(
            f"  [dim]{event['at']} {event['by']} {event['action']} {event['candidate_id']} {event['reason']}[/]"
        )


def _codes(row: dict[str, Any]) -> str:
    codes = (row["mention_uscc"], row["mention_organization_code"], row["mention_registration_no"])
    return " ".join(c for c in codes if c)
