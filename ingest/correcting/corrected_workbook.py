"""Corrected workbooks come back: each row finds the refused row it corrects and is judged again.

A workbook is known by its content, so the same one twice changes nothing; nor does a row that says what is known already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ingest.base.files import sha256_of
from ingest.base.home import Home
from ingest.base.reasons import RefusedFile
from ingest.correcting.records import LINE, Case, Cells, Record, contents
from ingest.correcting.redrive import cases_entries
from ingest.correcting.return_workbook import FIXED, ID, KEPT, RAW_LINE
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.intake.batch_entry import refuse
from ingest.intake.session import Session, alone, open_session
from ingest.intake.take_in import BatchResult, describe, prepare, result_of
from ingest.storage.archive import FileMoved, archive
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.landing import CORRECTIONS, UNKNOWN_FEED, is_passing
from ingest.storage.ledger import Entry, Ledger, Verdict

_HEADER_WITHIN = 20  # a department may put a line or two above its table


@dataclass(frozen=True)
class Workbook:
    """A workbook that came back: where it lies, what the ledger calls it, whose it is (None: told by its rows)."""

    path: Path
    file: str
    department: str | None


@dataclass
class _Sheet:
    """What one sheet says: (row number, refused row's id, text by header), without its fixed columns."""

    name: str
    rows: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)


def workbooks(home: Home) -> list[Workbook]:
    """The workbooks in `landing/<department>/退回更正/`, in a stable order."""
    found = sorted(p for p in home.landing.glob(f"*/{CORRECTIONS}/**/*") if p.is_file())
    return [
        Workbook(path, path.relative_to(home.landing).as_posix(), path.relative_to(home.landing).parts[0])
        for path in found
        if not is_passing([path.name])
    ]


def take_in_corrections(
    home: Home,
    feeds: Mapping[str, Feed],
    run_date: date,
    run_id: str,
    who: str = "jgt run",
    given: Sequence[Workbook] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[BatchResult]:
    """Take in corrected workbooks: every feed's rows in them become one redrive.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        run_date: the day it counts as tried on.
        run_id: the run that does it.
        who: for the audit.
        given: the workbooks; default those in the landing.
        progress: gets one Chinese line a redrive.

    Returns:
        One result a feed and workbook; a workbook on the ledger already gives none.
    """
    results: list[BatchResult] = []
    wanted = workbooks(home) if given is None else list(given)
    if not wanted:
        return results
    if not home.ledger.exists() or not home.build.exists():
        prepare(home, feeds)
    say = progress or (lambda _: None)
    with alone(home), Ledger(home.ledger) as ledger:
        for book in wanted:
            try:
                sha256 = sha256_of(book.path)
                if ledger.taken(sha256):
                    continue
                _, archived = archive(home, book.path, sha256)
            except (FileMoved, FileNotFoundError):
                say(f"{book.file}：读取期间被改动或移走，留待下次")
                continue
            with open_session(home, ledger, feeds, run_date, run_id) as session:
                taken = _take_in(session, feeds, book, archived, sha256, who)
            results += taken
            for result in taken:
                say(describe(result))
    return results


def _take_in(
    session: Session, feeds: Mapping[str, Feed], book: Workbook, archived: Path, sha256: str, who: str
) -> list[BatchResult]:
    entries: list[Entry] = []
    verdicts: list[Verdict] = []
    try:
        sheets = list(_sheets(session.excel.cells(archived, session.scratch)))
        cases = _cases(session, feeds, book, sheets, sha256, archived.stat().st_size)
        if not cases:
            raise RefusedFile(
                "RETURN_UNKNOWN", f"没有一行的“{ID}”是本部门的退回记录", sum(len(sheet.rows) for sheet in sheets)
            )
        for feed_id, case in cases.items():
            new, judged = cases_entries(session, feeds[feed_id], [case], who, "部门更正后重报")
            entries += new
            verdicts += judged
    except RefusedFile as refusal:
        entries = [(_refused(session, book, archived, sha256, refusal), (), ())]
    session.ledger.record_all(entries, verdicts)
    return [result_of(batch) for batch, _, _ in entries]


def _refused(session: Session, book: Workbook, archived: Path, sha256: str, refusal: RefusedFile) -> Any:
    identity = BatchIdentity(
        batch_id=f"{UNKNOWN_FEED}_undated_{sha256[:12]}",
        batch_seq=session.ledger.next_seq(UNKNOWN_FEED),
        feed=UNKNOWN_FEED,
        department=book.department or UNKNOWN_FEED,
        file=book.file,
        sha256=sha256,
        bytes=archived.stat().st_size,
        received_on=session.run_date,
        run_id=session.run_id,
        is_synthetic=session.is_synthetic,
        data_until=None,
    )
    return refuse(session, archived, identity, refusal)


def _sheets(cells: Mapping[str, Sequence[tuple[int, Sequence[str]]]]) -> Iterator[_Sheet]:
    """The sheets that have the column of ids, each row's data by header."""
    for name, rows in cells.items():
        top = next((i for i, (_, row) in enumerate(rows[:_HEADER_WITHIN]) if ID in [c.strip() for c in row]), None)
        if top is None:
            continue
        headers = [cell.strip("\n") for cell in rows[top][1]]
        place = [h.strip() for h in headers].index(ID)
        own = {i: h for i, h in enumerate(headers) if h.strip() and h.strip() not in (*FIXED, RAW_LINE)}
        sheet = _Sheet(name)
        for number, row in rows[top + 1 :]:
            if not any(cell.strip() for cell in row):
                continue
            values = {h: row[i] if i < len(row) else "" for i, h in own.items()}
            sheet.rows.append((number, row[place].strip() if place < len(row) else "", values))
        yield sheet


def _cases(
    session: Session, feeds: Mapping[str, Feed], book: Workbook, sheets: Sequence[_Sheet], sha256: str, size: int
) -> dict[str, Case]:
    ids = {identity for sheet in sheets for _, identity, _ in sheet.rows}
    known = {r["quarantine_id"]: r for r in session.ledger.quarantine_rows(ids) if r["feed"] in feeds}
    department = book.department or next((r["department"] for r in known.values()), None)
    known = {identity: row for identity, row in known.items() if row["department"] == department}
    before = contents(session.home, session.ledger, known.values())
    by_feed: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for sheet in sheets:
        sheet_feed = next((known[i]["feed"] for _, i, _ in sheet.rows if i in known), None)
        for number, identity, values in sheet.rows:
            row = known.get(identity)
            feed_id = row["feed"] if row else sheet_feed
            if feed_id is None:
                continue
            found = by_feed.setdefault(feed_id, {"records": [], "rejected": [], "unchanged": 0})
            sent = before.get(identity)
            if row is None or sent is None or identity in seen:
                found["rejected"].append(Record(identity, sheet.name, number, values))
                continue
            seen.add(identity)
            corrected = _corrected(sent[2], values)
            if not _is_same_record(feeds[feed_id], row, sent[2], corrected):
                found["rejected"].append(Record(identity, sheet.name, number, values))
            elif corrected == sent[2] and row["reason_codes"] != "REDRIVE_ID":
                found["unchanged"] += 1
            else:
                found["records"].append(Record(identity, sheet.name, number, corrected))
    return {
        feed_id: Case(
            book.file, tuple(f["records"]), tuple(f["rejected"]), f["unchanged"], sha256, session.run_date, bytes=size
        )
        for feed_id, f in sorted(by_feed.items())
    }


def _corrected(sent: Cells, values: Mapping[str, str]) -> Cells:
    """The row as corrected: its own headers, with what the sheet says of them now. What only looks other stays."""
    if LINE in sent:
        return dict(values) if any(v.strip() for v in values.values()) else sent
    folded = {header.strip(): value for header, value in values.items()}
    return {
        header: old if new is None or new == KEPT or _plain(new) == _plain(old) else new
        for header, old in sent.items()
        for new in [values.get(header, folded.get(header.strip()))]
    }


def _plain(text: str | None) -> str:
    """Text as a spreadsheet would give it back."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").rstrip()


def _is_same_record(feed: Feed, row: Mapping[str, Any], sent: Cells, corrected: Cells) -> bool:
    """Whether the key that nothing was wrong with is still the one that was sent: else the id was moved to another row."""
    if LINE in sent or "REDRIVE_ID" in row["reason_codes"]:
        return True
    positions = match(feed, list(sent)).positions
    headers = list(sent)
    faulty = set(str(row["columns"]).split(","))
    return all(
        _plain(sent[headers[positions[name]]]) == _plain(corrected[headers[positions[name]]])
        for name in feed.key
        if name in positions and name not in faulty
    )
