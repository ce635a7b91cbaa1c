"""Another look at what was refused: rows and whole files, judged again; every look is a batch of its own on the ledger.

The rows of a redrive are kept as sent in the archive (`Batch.redrive_input`), so that it can be repeated like a file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.base.home import Home
from ingest.base.reasons import REASONS, RefusedFile
from ingest.base.sql import literal, path_list
from ingest.correcting.records import (
    LINE,
    Case,
    Record,
    archived_file,
    contents,
    quarantine_file,
    write_records,
)
from ingest.feeds.headers import match
from ingest.feeds.loading import load_code_list
from ingest.feeds.model import Feed
from ingest.intake.batch_entry import enter, referenced_files, refuse
from ingest.intake.session import Session, alone, open_session
from ingest.intake.take_in import BatchResult, prepare, result_of
from ingest.judging.file_group import GroupReading
from ingest.readers.table import TextPart, TextTable, write_numbered
from ingest.storage import lake
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.ledger import Batch, Entry, Ledger, QuarantineRow, Verdict


def contract_digest(feed: Feed) -> str:
    """What the judge goes by, in twelve characters: the contract and its code lists."""
    lists = [load_code_list(name) for name in sorted({c.code_list for c in feed.columns if c.code_list})]
    return hashlib.sha256(repr((feed, lists)).encode()).hexdigest()[:12]


def redrive(
    home: Home,
    feeds: Mapping[str, Feed],
    run_date: date,
    run_id: str,
    who: str,
    only: str | None = None,
    batch_id: str | None = None,
) -> list[BatchResult]:
    """Judge what is still refused again under today's contracts: rows, and files refused whole.

    What was looked at under this very contract before is left alone, and so are lines that have no columns.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        run_date: the day it counts as tried on.
        run_id: the run that does it.
        who: for the audit.
        only: one feed's id.
        batch_id: what was refused in this batch alone.

    Returns:
        One result a redrive; none where nothing has changed.
    """
    results: list[BatchResult] = []
    prepare(home, feeds)
    with alone(home), Ledger(home.ledger) as ledger:
        rows = [
            row
            for row in ledger.quarantined(batch_id)
            if row["state"] in ("open", "waiting") and row["feed"] in feeds and only in (None, row["feed"])
            if row["reason_codes"] != "REDRIVE_ID"  # whose row that is, its department must say
        ]
        files = [
            batch
            for listed in ledger.refused_files()
            if only in (None, listed["feed"]) and batch_id in (None, listed["batch_id"])
            if listed["feed"] in feeds and (batch := ledger.batch(listed["batch_id"]))
        ]
        for feed in (feeds[name] for name in sorted({r["feed"] for r in rows} | {b.feed for b in files})):
            with open_session(home, ledger, {feed.id: feed}, run_date, run_id) as session:
                cases = _cases(session, [r for r in rows if r["feed"] == feed.id])
                results += judge_cases(session, feed, cases, who, "按现行合同重判")
                results += _judge_files(session, feed, [b for b in files if b.feed == feed.id], who)
    return results


def judge_waiting(
    home: Home, feeds: Mapping[str, Feed], run_date: date, run_id: str, only: str | None = None
) -> list[BatchResult]:
    """Judge the rows again that waited for a record of another feed, where it has come; end waits that are over.

    Args:
        home: the state folder, prepared.
        feeds: every contract, by id.
        run_date: today, by which a wait may be over.
        run_id: the run that does it.
        only: one feed's id.

    Returns:
        One result a batch whose rows came in or were refused for another reason.
    """
    results: list[BatchResult] = []
    if not home.ledger.exists():
        return results
    with alone(home), Ledger(home.ledger) as ledger:
        for feed in feeds.values():
            if only not in (None, feed.id) or not (rows := ledger.waiting(feed.id)):
                continue
            with open_session(home, ledger, {feed.id: feed}, run_date, run_id) as session:
                came = _came(session, feed, rows)
                cases = [
                    replace(c, salt=run_date.isoformat())
                    for c in _cases(session, [r for r in rows if r["quarantine_id"] in came])
                ]
                results += judge_cases(session, feed, cases, "jgt run", "所引用的记录已到")
            days = timedelta(days=max(r.wait_days for r in feed.references)) if feed.references else timedelta()
            over = []
            for row in ledger.waiting(feed.id):
                until = row["waits_until"] or (date.fromisoformat(row["first_seen"]) + days).isoformat()
                if until < run_date.isoformat():
                    why = f"等到 {until} 仍未收到所引用的记录"
                    over.append(Verdict(row["quarantine_id"], "expired", "open", "jgt run", why))
            ledger.judge_again(over)
    return results


def _came(session: Session, feed: Feed, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Ids of waiting rows all of whose references are there now: a semi-join against the other feeds' one column."""
    referenced = referenced_files(session, feed)
    files = {quarantine_file(session.home, session.ledger, str(r["batch_id"])) for r in rows}
    still = []
    for reference in feed.references:
        path = f'$."{reference.feed}.{reference.to}"'
        value = f"(v.refers ->> {literal(path)})"
        found = referenced[reference.feed]
        if found:
            known = (
                f'select cast("{reference.to}" as varchar) from read_parquet({path_list(found)}, union_by_name = true)'
            )
            still.append(f'({value} is not null and {value} not in ({known} where "{reference.to}" is not null))')
        else:
            still.append(f"{value} is not null")
    missing = " or ".join(still) or "false"
    query = f"select quarantine_id from read_parquet({path_list(sorted(files))}, union_by_name = true) as v where not ({missing})"
    return {row[0] for row in session.connection.execute(query).fetchall()} & {str(r["quarantine_id"]) for r in rows}


def _cases(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Case]:
    """Refused rows as cases: one a file that they, or their last correction, came in."""
    known = contents(session.home, session.ledger, rows)
    by_batch: dict[str, list[Record]] = {}
    for row in rows:
        content = known.get(row["quarantine_id"])
        if content is not None and LINE not in content[2]:
            by_batch.setdefault(row["last_batch"] or row["batch_id"], []).append(
                Record(row["quarantine_id"], content[0], content[1], content[2])
            )
    cases = []
    for batch_id, records in sorted(by_batch.items()):
        batch = session.ledger.batch(batch_id)
        assert batch is not None  # the ledger named it
        cases.append(Case(batch.file, tuple(records), said_on=batch.received_on))
    return cases


def judge_cases(session: Session, feed: Feed, cases: Sequence[Case], who: str, reason: str) -> list[BatchResult]:
    """Judge cases of one feed together and enter each as a redrive, in one commit.

    Args:
        session: what the intake works with.
        feed: the contract.
        cases: those already looked at under this contract are left out.
        who: for the audit.
        reason: why, for the audit.

    Returns:
        One result a redrive.
    """
    entries, verdicts = cases_entries(session, feed, cases, who, reason)
    session.ledger.record_all(entries, verdicts)
    return [result_of(batch) for batch, _, _ in entries]


def cases_entries(
    session: Session, feed: Feed, cases: Sequence[Case], who: str, reason: str
) -> tuple[list[Entry], list[Verdict]]:
    """As `judge_cases`, but what would be entered is returned instead."""
    identities = [_identity(session, feed, case) for case in cases]
    new = [
        (c, i)
        for c, i in zip(cases, identities, strict=True)
        if not session.ledger.has_content(feed.id, str(i.content_id))
    ]
    sequence = session.ledger.next_seq(feed.id)
    judged = judge_records(session, feed, [c for c, _ in new])
    entries: list[Entry] = []
    verdicts: list[Verdict] = []
    for number, (case, identity) in enumerate(new):
        ids = {(r.sheet, r.row): r.quarantine_id for r in case.records}
        placed = replace(identity, batch_seq=sequence + number)
        batch, rows, changes = enter(session, feed, placed, number, judged[number], ids)
        again = {row.quarantine_id: row for row in rows if row.quarantine_id in set(ids.values())}
        entries.append((batch, [row for row in rows if row.quarantine_id not in again], changes))
        verdicts += [_verdict(r.quarantine_id, again.get(r.quarantine_id), batch, who, reason) for r in case.records]
    return entries, verdicts


def judge_records(session: Session, feed: Feed, cases: Sequence[Case]) -> dict[int, Any]:
    """Judge the rows of cases together; the case's place is its number in the group. Returns outcomes."""
    reading = GroupReading(session.connection, session.excel, session.scratch)
    for number, case in enumerate(cases):
        stage_case(reading, feed, case, number, session.scratch)
    lake_files = [session.home.lake / path for path, _, _ in session.ledger.lake_files(feed.id)]
    return reading.judge(feed, lake_files, referenced_files(session, feed))


def stage_case(reading: GroupReading, feed: Feed, case: Case, number: int, scratch: Path) -> None:
    """Put the rows of a case before the judge, under a number in its group."""
    folder = scratch / "redrive"
    folder.mkdir(exist_ok=True)
    parts, unreadable = _laid_out(feed, case.records, folder / str(number))
    reading.stage(number, TextTable(tuple(parts), furniture=case.unchanged))
    refused = [(r, "REDRIVE_ID") for r in case.rejected] + [(r, "REQUIRED_MISSING") for r in unreadable]
    reading.refuse(
        number, [(r.sheet, r.row, code, json.dumps(dict(r.cells), ensure_ascii=False)) for r, code in refused]
    )


def _identity(session: Session, feed: Feed, case: Case) -> BatchIdentity:
    kept = write_records(session.home, case)
    return replace(
        _redrive_of(session, feed, case.sha256 or f"{Path(kept).stem}@{contract_digest(feed)}"),
        file=case.file,
        sha256=case.sha256 or Path(kept).stem,
        bytes=case.bytes or (session.home.archive / kept).stat().st_size,
        redrive_input=kept,
        rows_received_on=case.said_on or session.run_date,
    )


def _redrive_of(session: Session, feed: Feed, content_id: str) -> BatchIdentity:
    """A redrive of what the caller names: file, sha256, bytes and place in the order are still to be filled in."""
    name = hashlib.sha256(f"{feed.id} {content_id}".encode()).hexdigest()[:12]
    return BatchIdentity(
        batch_id=f"{feed.department}_{feed.name}_redrive_{name}",
        batch_seq=0,
        feed=feed.id,
        department=feed.department,
        file="",
        sha256="",
        bytes=0,
        received_on=session.run_date,
        run_id=session.run_id,
        is_synthetic=session.is_synthetic,
        data_until=None,
        kind="redrive",
        contract_version=feed.version,
        content_id=content_id,
        day=session.run_date,
    )


def _verdict(identity: str, again: QuarantineRow | None, batch: Batch, who: str, reason: str) -> Verdict:
    if again is None:
        return Verdict(identity, "corrected", "corrected", who, reason, batch.batch_id, batch.received_on)
    labels = "、".join(REASONS[code].label for code in again.reason_codes.split(","))
    judged = (again.reason_codes, again.dimension, again.columns)
    return Verdict(
        identity,
        "tried",
        again.state,
        who,
        f"{reason}：仍有问题（{labels}）",
        batch.batch_id,
        batch.received_on,
        judged,
    )


def _judge_files(session: Session, feed: Feed, files: Sequence[Batch], who: str) -> list[BatchResult]:
    """Read files that were refused whole again from the archive; each becomes a redrive."""
    digest = contract_digest(feed)
    reading = GroupReading(session.connection, session.excel, session.scratch)
    sequence = session.ledger.next_seq(feed.id)
    read: list[tuple[Batch, BatchIdentity, Path, RefusedFile | None]] = []
    for batch in files:
        archived = archived_file(session.home, batch)
        content_id = f"{batch.sha256}@{digest}"
        if archived is None or session.ledger.has_content(feed.id, content_id):
            continue
        identity = replace(
            _redrive_of(session, feed, content_id),
            batch_seq=sequence + len(read),
            file=batch.file,
            sha256=batch.sha256,
            bytes=batch.bytes,
            data_until=batch.data_until,
            rows_received_on=batch.received_on,
        )
        refusal = None
        try:
            reading.read(len(read), archived, feed, lake.Lineage.of(identity))
        except RefusedFile as refused:
            refusal = refused
        read.append((batch, identity, archived, refusal))
    lake_files = [session.home.lake / path for path, _, _ in session.ledger.lake_files(feed.id)]
    outcomes = reading.judge(feed, lake_files, referenced_files(session, feed)) if read else {}
    entries: list[Entry] = []
    verdicts = []
    for number, (batch, identity, archived, refusal) in enumerate(read):
        if refusal is not None:
            entries.append((refuse(session, archived, identity, refusal), (), ()))
            continue
        entries.append(enter(session, feed, identity, number, outcomes[number]))
        verdicts.append(
            Verdict(batch.batch_id, "corrected", "corrected", who, "按现行合同重判，可以入库", identity.batch_id)
        )
    session.ledger.record_all(entries, verdicts)
    return [result_of(batch) for batch, _, _ in entries]


def _laid_out(feed: Feed, records: Sequence[Record], stem: Path) -> tuple[list[TextPart], list[Record]]:
    """Rows with the same headers as one part each; those whose headers the contract no longer knows apart."""
    layouts: dict[tuple[str, tuple[str, ...]], list[Record]] = {}
    for record in records:
        layouts.setdefault((record.sheet, tuple(record.cells)), []).append(record)
    parts: list[TextPart] = []
    unreadable: list[Record] = []
    for (sheet, headers), rows in layouts.items():
        found = match(feed, headers)
        if found.missing:
            unreadable += rows
            continue
        path = stem.with_name(f"{stem.name}_{len(parts)}.csv")
        count = write_numbered(path, ((r.row, [r.cells[h] or "" for h in headers]) for r in rows))
        parts.append(TextPart(path, headers, found, delimiter=",", first_row=0, numbered=True, rows=count, sheet=sheet))
    return parts, unreadable
