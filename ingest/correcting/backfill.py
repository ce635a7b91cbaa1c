"""Backfill: a feed's deliveries of some days are judged again from the archive, under today's contract.

What comes out as it was keeps its file, to the byte. What does not is written under a new name, and one ledger
transaction exchanges all of it: a crash before that leaves the old state, and orphans that `prepare` removes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingest.base.errors import ShownError
from ingest.base.home import Home
from ingest.base.reasons import FILE_REASONS, RefusedFile
from ingest.base.sql import literal, literals
from ingest.correcting.records import Case, archived_file, quarantine_file, read_records
from ingest.correcting.redrive import stage_case
from ingest.feeds.model import Feed
from ingest.intake.batch_entry import enter, referenced_files
from ingest.intake.resends import Resends, settle_again
from ingest.intake.session import Session, alone, open_session
from ingest.intake.take_in import GROUP_BYTES, prepare
from ingest.judging.file_group import GroupReading
from ingest.storage import extra_columns, lake, quarantine
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.ledger import Batch, Entry, Ledger, QuarantineRow, Verdict

_REVISION = re.compile(r"\.r([0-9]+)$")
_WHY = "补算：按现行合同重判"


class BackfillRefused(ShownError, RuntimeError):
    """The deliveries cannot be judged again as asked; nothing was changed, and the message says what to do."""


@dataclass(frozen=True)
class Rewritten:
    """A batch that came out otherwise than before."""

    batch_id: str
    file: str
    loaded_before: int
    loaded: int
    refused_before: int
    refused: int


@dataclass(frozen=True)
class Backfilled:
    """What a backfill did: how many batches it judged, and those that changed."""

    judged: int
    rewritten: tuple[Rewritten, ...]


@dataclass(frozen=True)
class _Again:
    """A batch judged again: its entry, all that was refused of it, and what that means for rows refused before."""

    old: Batch
    entry: Entry
    refused: Sequence[QuarantineRow]
    verdicts: tuple[Verdict, ...]
    is_changed: bool


def day_of(batch: Batch) -> date:
    """The day a batch counts under: the one its data reach to, else the one it was received on."""
    return batch.data_until or batch.received_on


def backfill(
    home: Home, feeds: Mapping[str, Feed], feed_id: str, first: date, last: date, run_date: date, run_id: str, who: str
) -> Backfilled:
    """Judge a feed's deliveries of some days again, and those after them as far as what they say depends on these.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        feed_id: the feed.
        first: the first day, by the date of the data, else of receipt.
        last: the last day, included.
        run_date: today, for rows that are refused only now.
        run_id: the run that does it.
        who: for the audit.

    Returns:
        What was judged and what changed.

    Raises:
        BackfillRefused: an archived file is gone, or would be refused whole today.
    """
    feed = feeds[feed_id]
    prepare(home, feeds)
    with alone(home), Ledger(home.ledger) as ledger:
        batches = [Batch(**b) for b in ledger.batches(feed_id) if b["status"] == "loaded"]
        chosen = [b.batch_seq for b in batches if first <= day_of(b) <= last]
        if not chosen:
            return Backfilled(0, ())
        start, end = min(chosen), max(chosen)
        lake_files = [home.lake / b.lake_file for b in batches if b.lake_file and b.batch_seq < start]
        done: list[_Again] = []
        resendable = ledger.resendable(feed_id, also_settled=True)
        settled: dict[str, int] = {}
        with open_session(home, ledger, {feed_id: feed}, run_date, run_id) as session:
            resends = Resends(session.connection, feed)
            # rows of the batches judged now are read as these come out
            resends.remember(home, [r for r in resendable if r["batch_seq"] < start or r["kind"] == "redrive"])
            for group in _groups(home, [b for b in batches if b.batch_seq >= start]):
                # beyond the days asked for only what may have changed since something before it did
                if group[0].batch_seq > end and not any(again.is_changed for again in done):
                    break
                judged = list(_judge(session, feed, group, lake_files, who))
                done += judged
                lake_files += [home.lake / a.entry[0].lake_file for a in judged if a.entry[0].lake_file]
                settled = _settled(resends, judged) | settled  # the first batch that brings a record again settles it
            changed = [again for again in done if again.is_changed]
            own = {row.quarantine_id: row.state for again in changed for row in again.entry[1]}
            verdicts = [verdict for again in changed for verdict in again.verdicts]
            own |= {verdict.quarantine_id: verdict.state for verdict in verdicts}
            by_number = {again.old.batch_seq: again.old for again in done}
            verdicts += settle_again(settled, resendable, by_number, resends.refused, own)
            ledger.rewrite([a.entry for a in changed], verdicts)
        for again in changed:
            _remove_former(home, again.old, again.entry[0])
    return Backfilled(len(done), tuple(_rewritten(again) for again in changed))


def _settled(resends: Resends, judged: Sequence[_Again]) -> dict[str, int]:
    """Which refused rows a group of deliveries, judged again just now, settles: id → number of the batch."""
    sent = {number: again for number, again in enumerate(judged) if again.old.kind != "redrive"}
    resends.gather({number: (again.old.batch_seq, again.refused) for number, again in sent.items()})
    return resends.settled({number: again.old.batch_seq for number, again in sent.items()})


def _rewritten(again: _Again) -> Rewritten:
    new = again.entry[0]
    return Rewritten(new.batch_id, new.file, again.old.loaded, new.loaded, again.old.refused, new.refused)


def _groups(home: Home, batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    group: list[Batch] = []
    size = 0
    for batch in batches:
        if group and size + batch.bytes > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(batch)
        size += batch.bytes
    if group:
        yield group


def _judge(
    session: Session, feed: Feed, group: Sequence[Batch], lake_files: Sequence[Path], who: str
) -> Iterator[_Again]:
    reading = GroupReading(session.connection, session.excel, session.scratch)
    ids: dict[int, dict[tuple[str, int], str]] = {}
    for number, batch in enumerate(group):
        if batch.redrive_input:
            case = _case(session.home, batch)
            stage_case(reading, feed, case, number, session.scratch)
            ids[number] = {(r.sheet, r.row): r.quarantine_id for r in case.records}
            continue
        archived = archived_file(session.home, batch)
        if archived is None:
            raise BackfillRefused(
                f"{batch.file}：归档里没有原件（{batch.sha256[:12]}），未改动任何数据；请从备份恢复 archive 文件夹"
            )
        try:
            reading.read(number, archived, feed, lake.Lineage.of(_identity(session, feed, batch)))
        except RefusedFile as refusal:
            raise BackfillRefused(
                f"{batch.file}：按现行合同会整份退回（{FILE_REASONS[refusal.code].label}：{refusal.detail}），未改动任何数据；"
                "请先修改合同，或缩小日期范围"
            ) from refusal
    outcomes = reading.judge(feed, lake_files, referenced_files(session, feed))
    for number, batch in enumerate(group):
        entry = enter(session, feed, _identity(session, feed, batch), number, outcomes[number], ids.get(number))
        yield _compared(session, feed, batch, entry, set(ids.get(number, {}).values()), who)


def _identity(session: Session, feed: Feed, batch: Batch) -> BatchIdentity:
    return BatchIdentity(
        **{name: getattr(batch, name) for name in _KEPT},
        contract_version=feed.version,
        day=day_of(batch),
        rows_received_on=_said_on(session, batch),
        files_named=_next_name(batch),
    )


_KEPT = (
    *("batch_id", "batch_seq", "feed", "department", "file", "sha256", "bytes", "received_on", "run_id"),
    *("is_synthetic", "data_until", "kind", "content_id", "state", "corrected_by", "redrive_input"),
)


def _case(home: Home, batch: Batch) -> Case:
    path = home.archive / str(batch.redrive_input)
    return Case(
        batch.file,
        tuple(read_records(path)),
        tuple(read_records(path, "reject")),
        batch.furniture,
        said_on=batch.received_on,
    )


def _said_on(session: Session, batch: Batch) -> date:
    """The day the lake says a batch's rows were received on: of a redrive, that of the file they first came in."""
    if batch.redrive_input:
        with (session.home.archive / batch.redrive_input).open(encoding="utf-8") as file:
            told = json.loads(file.readline()).get("said_on")
        return date.fromisoformat(told) if told else batch.received_on
    if batch.kind == "redrive":
        first = min(b["received_on"] for b in session.ledger.batches(batch.feed) if b["sha256"] == batch.sha256)
        return first if isinstance(first, date) else batch.received_on
    return batch.received_on


def _next_name(batch: Batch) -> str:
    """What the files of a batch are called if they come out otherwise: `<batch>.r1`, then `.r2`, …"""
    former = [Path(name).stem for name in (batch.lake_file, batch.quarantine_file) if name]
    numbers = [int(found.group(1)) for name in former if (found := _REVISION.search(name))]
    return f"{batch.batch_id}.r{max(numbers, default=0) + 1}"


def _compared(session: Session, feed: Feed, old: Batch, entry: Entry, redriven: set[str], who: str) -> _Again:
    """What a batch that was judged again changes; where that is nothing, its new files are removed at once."""
    new, rows, changes = entry
    home, ledger = session.home, session.ledger
    name = _next_name(old)
    extra_columns.extra_file(home, feed.department, feed.name, name).unlink(missing_ok=True)
    rows_path = quarantine.rows_file(home, feed.department, feed.name, name)
    former = {r["quarantine_id"]: r for r in ledger.quarantine_rows(redriven)} | {
        r["quarantine_id"]: r for r in ledger.quarantined(old.batch_id)
    }
    now = {row.quarantine_id: row for row in rows}
    fresh = [
        replace(
            row,
            first_seen=session.run_date,
            waits_until=_waits(feed, session.run_date) if row.state == "waiting" else None,
        )
        for row in rows
        if row.quarantine_id not in former
    ]
    verdicts = tuple(_verdicts(old, former, now, who))
    if new.lake_file and new.lake_sha256 == old.lake_sha256:
        (home.lake / new.lake_file).unlink()
        new = replace(new, lake_file=old.lake_file)
    counts = ("received", "loaded", "refused", "duplicate", "furniture", "lake_file")
    is_changed = bool(fresh or verdicts) or any(getattr(old, n) != getattr(new, n) for n in counts)
    if fresh or verdicts:
        _keep_former(session, old, rows_path, set(now))
    elif rows_path.exists():
        rows_path.unlink()
    kept = rows_path.relative_to(home.quarantine).as_posix() if rows_path.exists() else old.quarantine_file
    return _Again(old, (replace(new, quarantine_file=kept), fresh, changes), rows, verdicts, is_changed)


def _waits(feed: Feed, today: date) -> date:
    return today + timedelta(days=max((r.wait_days for r in feed.references), default=0))


def _verdicts(
    old: Batch, former: Mapping[str, Mapping[str, Any]], now: Mapping[str, QuarantineRow], who: str
) -> Iterator[Verdict]:
    for identity, row in former.items():
        again = now.get(identity)
        is_latest = row["last_batch"] in (None, old.batch_id)
        is_pending = row["state"] in ("open", "waiting")
        if again is None:
            # a row of this very batch is in the lake now, whatever was tried with it since
            if is_pending and (is_latest or row["batch_id"] == old.batch_id):
                yield Verdict(identity, "corrected", "corrected", who, _WHY, old.batch_id)
            continue
        judged = (again.reason_codes, again.dimension, again.columns)
        if row["state"] == "corrected" and row["corrected_by"] == old.batch_id:
            yield Verdict(identity, "reopened", again.state, who, _WHY, judged=judged)
        elif is_pending and is_latest and row["reason_codes"] != again.reason_codes:
            yield Verdict(identity, "tried", again.state, who, _WHY, judged=judged)


def _keep_former(session: Session, old: Batch, path: Path, now: set[str]) -> None:
    """Rows that are refused no longer stay in the quarantine, beside those that are: what was sent is never lost."""
    before = quarantine_file(session.home, session.ledger, old.batch_id)
    if not before.exists():
        return
    known = literals(sorted(now)) or "''"
    both = f"select * from read_parquet({literal(before)}) where quarantine_id not in ({known})"
    if path.exists():
        both = f"select * from read_parquet({literal(path)}) union all by name {both}"
    lake.write(session.connection, f"select * from ({both}) order by sheet, row_number", path)


def _remove_former(home: Home, old: Batch, new: Batch) -> None:
    if old.lake_file and old.lake_file != new.lake_file:
        (home.lake / old.lake_file).unlink(missing_ok=True)
    if new.quarantine_file and new.quarantine_file != old.quarantine_file:
        name = old.feed.split(".")[1]
        former = (
            home.quarantine / old.quarantine_file
            if old.quarantine_file
            else quarantine.rows_file(home, old.department, name, old.batch_id)
        )
        former.unlink(missing_ok=True)
