"""Behind `jgt quarantine`: what was refused as people see it, and the writing commands under the writer's lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.base.reasons import REASONS
from ingest.feeds.loading import load_departments, load_feeds
from ingest.feeds.model import Feed
from ingest.intake.take_in import BatchResult
from ingest.storage.ledger import Ledger, Verdict
from orchestration.language import say
from orchestration.state.run_folder import RunFolder, data_date
from orchestration.state.writer_lock import WriterLock

STATES = ("open", "waiting", "corrected", "waived")


class QuarantineError(ShownError, RuntimeError):
    """Something named on the command line is not in the quarantine; the message says what to do."""


@dataclass(frozen=True)
class Filter:
    """What of the quarantine is asked for; None is everything, but for the state: open and waiting."""

    department: str | None = None
    feed: str | None = None
    reason: str | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        """Raises QuarantineError for a state or reason that there is none of."""
        if self.state not in (None, "all", *STATES):
            raise QuarantineError(
                say(f"没有状态 {self.state}；可用：", f"no state {self.state}; there are ") + "、".join(STATES)
            )
        if self.reason and self.reason not in REASONS:
            raise QuarantineError(
                say(f"没有原因代码 {self.reason}；可用：", f"no reason {self.reason}; there are ") + "、".join(REASONS)
            )

    @property
    def states(self) -> tuple[str, ...]:
        """The states asked for."""
        return STATES if self.state == "all" else (self.state,) if self.state else ("open", "waiting")


def departments(wanted: str | None) -> dict[str, str]:
    """Code → short name, of all or of the one that is named by either.

    Raises:
        QuarantineError: when there is no such department.
    """
    known = {d["code"]: d["short_name"] for d in load_departments()}
    if wanted is None:
        return known
    found = {code: name for code, name in known.items() if wanted in (code, name)}
    if not found:
        listed = "、".join(f"{code}（{name}）" for code, name in known.items())
        raise QuarantineError(say(f"没有部门 {wanted}。已有：{listed}", f"no department {wanted}; there are {listed}"))
    return found


def require_ledger(home: Home) -> None:
    """Raises QuarantineError when nothing was ever taken in. (Opening the ledger would make one.)"""
    if not home.ledger.exists():
        raise QuarantineError(
            say("尚未收过任何文件：先运行 jgt run。", "nothing was ever taken in: run jgt run first.")
        )


def find(home: Home, wanted: Filter) -> dict[str, Any]:
    """Counts and rows of what is asked for, files refused whole apart; ready for JSON.

    Returns:
        counts (department, feed, reason_codes, state, rows), rows (of the ledger, without content; `resent_in`: the later
        file that settled it), files.
    """
    require_ledger(home)
    own = departments(wanted.department)
    with Ledger(home.ledger) as ledger:
        resent = ledger.resent()
        rows = [
            {**row, "resent_in": resent.get(row["quarantine_id"])}
            for row in ledger.quarantined()
            if (wanted.department is None or row["department"] in own)
            and wanted.feed in (None, row["feed"])
            and (wanted.reason is None or wanted.reason in row["reason_codes"].split(","))
            and row["state"] in wanted.states
        ]
        files = [
            file
            for file in ledger.refused_files(None)
            if (wanted.department is None or file["department"] in own)
            and wanted.feed in (None, file["feed"])
            and wanted.reason in (None, file["reason_code"])
            and file["state"] in wanted.states
        ]
    counted = Counter((r["department"], r["feed"], r["reason_codes"], r["state"]) for r in rows)
    names = ("department", "feed", "reason_codes", "state", "rows")
    counts = [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counted.items())]
    return {"counts": counts, "rows": rows, "files": files}


def _state(state: str) -> str:
    names = {"open": ("待更正", "open"), "waiting": ("待引用", "waiting"), "corrected": ("已更正", "corrected")}
    return say(*names.get(state, ("已豁免", "waived")))


def _action(action: str) -> str:
    names = {
        "corrected": ("更正入库", "corrected"),
        "resent": ("重报更正", "sent again"),
        "tried": ("重判", "tried"),
        "expired": ("等待期满", "expired"),
        "waived": ("豁免", "waived"),
    }
    return say(*names.get(action, ("重新待更正", "reopened")))


def _labels(codes: str) -> str:
    return "、".join(REASONS[code].label if code in REASONS else code for code in codes.split(","))


def show_list(found: Mapping[str, Any], limit: int) -> None:
    """Print what `find` found: counts, then rows up to `limit` (0: all), then files, then what can be done."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found["rows"] and not found["files"]:
        console.print(say("✔ 没有符合条件的退回记录。", "✔ nothing of that kind was refused."))
        return
    names, labels = departments(None), {f.id: f.label for f in load_feeds().values()}
    table = Table(title=say("退回的记录", "refused rows"), title_justify="left")
    for heading in say("部门 数据 原因 状态 条数", "department feed reason state rows").split():
        table.add_column(heading, justify="right" if heading in ("条数", "rows") else "left")
    for row in found["counts"]:
        feed = f"{labels.get(row['feed'], '')}（{row['feed']}）"
        department = names.get(row["department"], row["department"])
        table.add_row(department, feed, _labels(row["reason_codes"]), _state(row["state"]), f"{row['rows']:,}")
    if found["counts"]:
        console.print(table)
    shown = found["rows"][: limit or None]
    for row in shown:
        place = f"{row['file']} {row['sheet'] + ' ' if row['sheet'] else ''}" + say(
            f"第 {row['row_number']} 行", f"line {row['row_number']}"
        )
        tries = say(f"，已试 {row['attempts']} 次", f", tried {row['attempts']} times") if row["attempts"] > 1 else ""
        later = row["resent_in"]
        again = say(f"，部门后来重报：{later}", f", sent again in {later}") if later else ""
        console.print(
            f"{row['quarantine_id']}  {place}  {_labels(row['reason_codes'])}{tries}{again}",
            highlight=False,
            soft_wrap=True,
        )
    if len(found["rows"]) > len(shown):
        console.print(
            say(
                f"……共 {len(found['rows']):,} 条，--limit 0 列出全部",
                f"… {len(found['rows']):,} in all; --limit 0 shows them",
            )
        )
    if resent := sum(row["resent_in"] is not None for row in found["rows"]):
        console.print(
            say(f"其中 {resent:,} 条由部门在后来的报送中重报更正", f"{resent:,} of them came right in a later delivery")
        )
    for file in found["files"]:
        line = f"⚠ {file['batch_id']}  {file['file']}（{_state(file['state'])}）：{file['reason_message']}"
        console.print(line, highlight=False, soft_wrap=True)
    console.print(
        say(
            "看一条：jgt quarantine show ID；退给部门：jgt quarantine export；改好后：jgt quarantine redrive",
            "see one: jgt quarantine show ID; send back: jgt quarantine export; then: jgt quarantine redrive",
        )
    )


def show_one(home: Home, identity: str) -> None:
    """Print one refused row, or one file refused whole.

    Raises:
        QuarantineError: when there is none of that id.
    """
    from rich.console import Console

    from ingest.correcting.records import originals

    require_ledger(home)
    feeds = load_feeds()
    console = Console()
    with Ledger(home.ledger) as ledger:
        rows = ledger.quarantine_rows([identity])
        events = ledger.events(identity)
        if not rows:
            file = next((f for f in ledger.refused_files(None) if f["batch_id"] == identity), None)
            if file is None:
                raise _unknown([identity])
            console.print(f"[bold]{file['file']}[/]  {_state(file['state'])}", highlight=False)
            console.print(file["reason_message"], highlight=False)
            console.print(
                say(f"原件：{home.quarantine}/files/", f"the file: {home.quarantine}/files/"), highlight=False
            )
        else:
            [row] = rows
            sent = originals(home, ledger, row["batch_id"]).get(identity)
            _print_row(console, feeds.get(row["feed"]), row, sent[2] if sent else {})
    for event in events:
        batch = f"  {event['batch_id']}" if event["batch_id"] else ""
        console.print(
            f"  {event['at']}  {_action(event['action'])}  {event['who']}：{event['reason']}{batch}",
            highlight=False,
            soft_wrap=True,
        )


def _print_row(console: Any, feed: Feed | None, row: Mapping[str, Any], cells: Mapping[str, str | None]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from ingest.correcting.advice import suggest
    from ingest.correcting.records import LINE
    from ingest.correcting.return_workbook import Returned, offending_headers

    codes = tuple(row["reason_codes"].split(","))
    columns = tuple(filter(None, row["columns"].split(",")))
    line = cells.get(LINE)
    returned = Returned(
        row["quarantine_id"], row["file"], row["row_number"], {} if line else cells, codes, columns, line
    )
    offending = offending_headers(feed, returned) if feed else {}
    sheet = f" {row['sheet']}" if row["sheet"] else ""
    place = say(f"第 {row['row_number']} 行", f"line {row['row_number']}")
    console.print(f"[bold]{row['quarantine_id']}[/]  {_state(row['state'])}", highlight=False)
    console.print(f"{row['file']}{sheet} {place}", highlight=False)
    told = say(
        f"首次发现 {row['first_seen']}，已判 {row['attempts']} 次",
        f"first seen {row['first_seen']}, judged {row['attempts']} times",
    )
    console.print(told + (f"，→ {row['corrected_by']}" if row["corrected_by"] else ""), highlight=False)
    if line is not None:
        console.print(f"[red]{escape(line)}[/]", highlight=False, soft_wrap=True)
    else:
        table = Table(show_header=False)
        bad = set(offending.values())
        for header, value in cells.items():
            style = "red" if header in bad else ""
            table.add_row(
                f"✘ {escape(header)}" if header in bad else f"  {escape(header)}", escape(value or ""), style=style
            )
        console.print(table)
    for code in codes:
        reason = REASONS[code]
        console.print(
            f"✘ {reason.label}（{code}，{reason.dimension}）：{reason.remedy}", highlight=False, soft_wrap=True
        )
    if feed:
        console.print(
            say("建议：", "advice: ") + suggest(feed, returned.cells, offending, list(codes)),
            highlight=False,
            soft_wrap=True,
        )


def _unknown(ids: Sequence[str]) -> QuarantineError:
    listed = "、".join(ids)
    return QuarantineError(
        say(
            f"隔离中没有 {listed}；用 jgt quarantine list --state all 查看编号。",
            f"not in quarantine: {listed}; see jgt quarantine list.",
        )
    )


@contextmanager
def writing(home: Home, command: str) -> Iterator[str]:
    """Hold the writer's lock, as a run does; gives the id under which the ledger knows the command."""
    run_id = f"{command}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    home.ensure()
    lock = WriterLock(home)
    lock.acquire(RunFolder(home, run_id).run_id)
    try:
        yield run_id
    finally:
        lock.release()


def redrive_files(
    home: Home, feeds: Mapping[str, Feed], files: Sequence[Path] | None, who: str, emit: Callable[[str], None]
) -> list[BatchResult]:
    """Take in corrected workbooks: those given, or those in the landing."""
    from ingest.correcting.corrected_workbook import Workbook, take_in_corrections
    from ingest.storage.landing import CORRECTIONS

    given = None
    if files:
        given = []
        for path in files:
            inside = path.resolve().is_relative_to(home.landing.resolve())
            parts = path.resolve().relative_to(home.landing.resolve()).parts if inside else ()
            file = "/".join(parts) if parts else f"{CORRECTIONS}/{path.name}"
            given.append(Workbook(path, file, parts[0] if len(parts) > 2 else None))
    with writing(home, "redrive") as run_id:
        return take_in_corrections(home, feeds, data_date(), run_id, who, given, emit)


def redrive_refused(
    home: Home, feeds: Mapping[str, Feed], feed: str | None, batch: str | None, who: str
) -> list[BatchResult]:
    """Judge refused rows and files of a feed or batch again under today's contract.

    Raises:
        QuarantineError: when there is no such batch.
    """
    from ingest.correcting.redrive import redrive

    require_ledger(home)
    with Ledger(home.ledger) as ledger:
        if batch and ledger.batch(batch) is None:
            raise QuarantineError(say(f"台账里没有批次 {batch}。", f"no batch {batch} on the ledger."))
    with writing(home, "redrive") as run_id:
        return redrive(home, feeds, data_date(), run_id, who, feed, batch)


def waive(home: Home, ids: Sequence[str], by: str, reason: str) -> int:
    """Give up on refused rows or files, in someone's name and for a reason; returns how many.

    Raises:
        QuarantineError: when one is not there, or settled already; none is then waived.
    """
    require_ledger(home)
    wanted = list(dict.fromkeys(ids))
    with writing(home, "waive"), Ledger(home.ledger) as ledger:
        states = {r["quarantine_id"]: r["state"] for r in ledger.quarantine_rows(wanted)}
        states |= {f["batch_id"]: f["state"] for f in ledger.refused_files(None)}
        if missing := [identity for identity in wanted if identity not in states]:
            raise _unknown(missing)
        if settled := [identity for identity in wanted if states[identity] not in ("open", "waiting")]:
            raise QuarantineError(
                say(
                    f"{'、'.join(settled)} 已处理过（jgt quarantine show 看经过）。",
                    f"settled already: {', '.join(settled)}; see jgt quarantine show.",
                )
            )
        ledger.judge_again([Verdict(identity, "waived", "waived", by, reason) for identity in wanted])
    return len(wanted)
