"""Takes the landing in: every file archived, read, judged, and entered in the ledger, or refused whole with its reason.

A batch becomes real with its ledger entry. Everything before it (archive, lake file, quarantine) is written under final
names that only that entry refers to, so a crash at any point leaves at most orphans, which `prepare` removes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ingest.base.files import sha256_of
from ingest.base.home import Home
from ingest.base.reasons import RefusedFile
from ingest.feeds.loading import in_order
from ingest.feeds.model import Feed
from ingest.intake import drift, resends
from ingest.intake.batch_entry import enter, referenced_files, refuse
from ingest.intake.session import Session, alone, connected, open_session
from ingest.judging.file_group import GroupReading, Outcome
from ingest.matching.tables import write_empty
from ingest.storage import extra_columns, lake, quarantine
from ingest.storage.archive import FileMoved, archive
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.content_identity import report_day
from ingest.storage.landing import UNKNOWN_FEED, Arrival, arrivals, growing, unreadable
from ingest.storage.ledger import Batch, Entry, Ledger

ZERO_REPORT_BYTES = 64 << 10  # a header alone, also of a workbook, is less
GROUP_BYTES = 64 << 20  # planning the judge's query costs 70 ms (2026-11), so small files share one
Progress = Callable[[str], None]


@dataclass(frozen=True)
class BatchResult:
    """What became of one file: received = loaded + refused + duplicate; `reason_code` for a file refused whole."""

    batch_id: str
    feed: str
    file: str
    status: str
    reason_code: str | None
    reason_message: str | None
    received: int
    loaded: int
    refused: int
    duplicate: int
    furniture: int


@dataclass(frozen=True)
class _Admitted:
    """A new file: its identity, its copy in the archive, or why it could not be opened."""

    arrival: Arrival
    sha256: str
    day: date
    archived: Path | None = None
    refusal: RefusedFile | None = None
    is_repeated: bool = False  # the same bytes without records as on a day before

    @property
    def bytes(self) -> int:
        return self.archived.stat().st_size if self.archived else 0


def prepare(home: Home, feeds: Mapping[str, Feed]) -> list[Path]:
    """Make the folders and the empty schema files, and remove what a killed run left.

    Args:
        home: the state folder.
        feeds: every contract.

    Returns:
        The orphans that were removed.
    """
    for folder in (home.landing, home.archive, home.lake / "raw", home.quarantine, home.build):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (home.archive, home.lake, home.quarantine, home.build):
        folder.chmod(0o700)  # they hold personal data; whoever may see some of it sees it in the published tables
    with alone(home), Ledger(home.ledger) as ledger, connected(home.build) as connection:
        for feed in feeds.values():
            (home.landing / feed.department / feed.name).mkdir(parents=True, exist_ok=True)
            lake.write_schema(connection, home, feed)
        write_empty(home)
        on_ledger = {home.lake / path for path, _, _ in ledger.lake_files()}
        removed = []
        for path in sorted((home.lake / "raw").rglob("*")):
            if path.is_file() and path.name != lake.SCHEMA_FILE and path not in on_ledger:
                path.unlink()
                removed.append(path)
        batch_ids = ledger.batch_ids()
        removed += extra_columns.remove_orphans(home, batch_ids)
        removed += quarantine.remove_orphans(home, batch_ids, ledger.quarantine_files())
        for folder in home.build.glob("intake-*"):
            shutil.rmtree(folder)
    return removed


def take_in(
    home: Home,
    feeds: Mapping[str, Feed],
    run_date: date,
    run_id: str,
    only: str | None = None,
    progress: Progress | None = None,
    share: int = 1,
) -> list[BatchResult]:
    """Take in what is new in the landing.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        run_date: the day the files count as received on.
        run_id: the run that took them in.
        only: one feed's id; files that belong to no feed are then left to `take_in_unknown`.
        progress: gets one Chinese line a file.
        share: how many intakes of single feeds share the memory.

    Returns:
        One result a new file, in the order they were taken in; files already on the ledger give none.
    """
    wanted = arrivals(home, feeds, only)
    return _take_in(home, feeds, wanted, run_date, run_id, progress, only, share)


def take_in_unknown(
    home: Home, feeds: Mapping[str, Feed], run_date: date, run_id: str, progress: Progress | None = None
) -> list[BatchResult]:
    """Refuse, with a reason, the files that match no contract (FILE_UNKNOWN)."""
    wanted = [a for a in arrivals(home, feeds) if a.feed is None]
    return _take_in(home, feeds, wanted, run_date, run_id, progress)


def _take_in(
    home: Home,
    feeds: Mapping[str, Feed],
    wanted: list[Arrival],
    run_date: date,
    run_id: str,
    progress: Progress | None,
    only: str | None = None,
    share: int = 1,
) -> list[BatchResult]:
    if not home.ledger.exists() or not home.build.exists():
        prepare(home, feeds)
    results: list[BatchResult] = []
    say = progress or (lambda _: None)
    with alone(home, only), Ledger(home.ledger) as ledger:
        new = _admit(home, ledger, wanted, say)
        if not new:
            return results
        wanted_feeds = {n.arrival.feed.id: n.arrival.feed for n in new if n.arrival.feed}
        with open_session(home, ledger, wanted_feeds, run_date, run_id, share) as session:
            for group in _groups(new):
                for result in _take_group(session, group):
                    results.append(result)
                    say(f"[{len(results)}/{len(new)}] {describe(result)}")
    return results


def _admit(home: Home, ledger: Ledger, wanted: list[Arrival], say: Progress) -> list[_Admitted]:
    """What is new among the arrivals, archived; the landing is not looked at again, for it may change under us.

    The same content twice in one landing is one file, unless it may be a report of nothing. A file that cannot be
    opened has no content to be known by: it is known by its name, refused once, and taken in when it can be opened.
    """
    new: dict[tuple[str, str, date | None], _Admitted] = {}
    sizes: set[int] = set()
    # a pull gets its name when it is whole
    unfinished = growing(arrival.path for arrival in wanted if not arrival.is_pulled)
    for arrival in wanted:
        if arrival.path in unfinished:
            say(f"{arrival.file}：仍在写入，留待下次")
            continue
        feed = _feed_id(arrival)
        try:
            if why := unreadable(home, arrival):
                sha256 = hashlib.sha256(f"unreadable {arrival.file}".encode()).hexdigest()
                refusal = RefusedFile("FILE_UNREADABLE", why)
                if not ledger.known(feed, sha256):
                    new[feed, sha256, None] = _Admitted(arrival, sha256, _day(arrival, 0), refusal=refusal)
                continue
            size = arrival.path.stat().st_size
            archived = None
            # what has a size of its own is new for certain: it is hashed while it is copied
            if size > ZERO_REPORT_BYTES and size not in sizes and not ledger.has_size(size):
                sha256, archived = archive(home, arrival.path)
            else:
                sha256 = sha256_of(arrival.path)
            sizes.add(size)
            day = _day(arrival, arrival.path.stat().st_mtime)
            if ledger.known(feed, sha256, day):
                continue
            # what says that nothing happened says so of its day; anything else is one file, however often it lies there
            place = day if arrival.path.stat().st_size <= ZERO_REPORT_BYTES else None
            if (feed, sha256, place) not in new:
                archived = archived or archive(home, arrival.path, sha256)[1]
                repeated = ledger.known(feed, sha256) or any(k[:2] == (feed, sha256) for k in new)
                new[feed, sha256, place] = _Admitted(arrival, sha256, day, archived, is_repeated=repeated)
        except (FileMoved, FileNotFoundError):
            say(f"{arrival.file}：读取期间被改动或移走，留待下次")
    return list(new.values())


def _day(arrival: Arrival, changed_at: float) -> date:
    return report_day(arrival.data_until, changed_at)


def describe(result: BatchResult) -> str:
    """One Chinese line about a file: what was received and what became of it."""
    if result.status == "refused":
        return f"{result.file}：整个文件退回，{result.reason_message}"
    line = f"{result.file}：收到 {result.received:,} 行，入库 {result.loaded:,}"
    line += f"，退回 {result.refused:,}" if result.refused else ""
    return line + (f"，重复 {result.duplicate:,}" if result.duplicate else "")


def _feed_id(arrival: Arrival) -> str:
    return arrival.feed.id if arrival.feed else UNKNOWN_FEED


def _groups(new: list[_Admitted]) -> Iterator[list[_Admitted]]:
    """Files that go through the judge together: of one feed, in order, up to GROUP_BYTES."""
    by_feed: dict[str, list[_Admitted]] = {}
    for admitted in new:
        by_feed.setdefault(_feed_id(admitted.arrival), []).append(admitted)
    # whom a feed refers to comes before it, so that a reference sent together with its row is found
    order = in_order({a.arrival.feed.id: a.arrival.feed for a in new if a.arrival.feed})
    for feed_id in sorted(by_feed, key=lambda name: order.index(name) if name in order else -1):
        files = by_feed[feed_id]
        group: list[_Admitted] = []
        size = 0
        for admitted in files:
            if group and size + admitted.bytes > GROUP_BYTES:
                yield group
                group, size = [], 0
            group.append(admitted)
            size += admitted.bytes
        yield group


def _take_group(session: Session, group: list[_Admitted]) -> list[BatchResult]:
    """Read every file of a group, judge them together, enter them in one commit."""
    feed = group[0].arrival.feed
    sequence = session.ledger.next_seq(_feed_id(group[0].arrival))
    reading = GroupReading(session.connection, session.excel, session.scratch)
    if feed is not None:
        reading.refer(feed, referenced_files(session, feed))
    files: list[tuple[BatchIdentity, Path | None, RefusedFile | None]] = []
    taken: list[_Admitted] = []
    for admitted in group:
        number = len(files)
        if admitted.is_repeated and _says_nothing_new(session, reading, admitted, files):
            continue
        refusal = admitted.refusal
        identity = _identity(session, admitted, sequence + number)
        try:
            if feed is None:
                raise RefusedFile("FILE_UNKNOWN", f"没有合同与 {admitted.arrival.file} 相符")
            if admitted.archived and not admitted.refusal:
                reading.read(number, admitted.archived, feed, lake.Lineage.of(identity))
        except RefusedFile as refused:
            came_before = any(r is None for _, _, r in files) or session.ledger.has_taken(_feed_id(admitted.arrival))
            refusal = drift.explain(refused, admitted.archived, feed, came_before, session.excel, session.scratch)
        taken.append(admitted)
        files.append((identity, admitted.archived, refusal))
    outcomes: dict[int, Outcome] = {}
    if feed is not None:
        lake_files = [session.home.lake / path for path, _, _ in session.ledger.lake_files(feed.id)]
        outcomes = reading.judge(feed, lake_files)
        counts = {n: (o.received, o.loaded) for n, o in outcomes.items() if files[n][2] is None}
        plain = {n: [lane.plain.present for lane in o.lanes] for n, o in outcomes.items()}
        if drifted := drift.first_drifted(session.connection, feed, session.ledger, counts, plain):
            place, why = drifted
            parts = [taken[:place], [replace(taken[place], refusal=why)], taken[place + 1 :]]
            return [result for part in parts if part for result in _take_group(session, part)]
    entries: list[Entry] = []
    for number, (identity, archived, refusal) in enumerate(files):
        if refusal is not None:
            entries.append((refuse(session, archived, identity, refusal), (), ()))
        elif feed is not None:
            entries.append(enter(session, feed, identity, number, outcomes[number]))
    taken_in = {number: entry for number, entry in enumerate(entries) if files[number][2] is None}
    verdicts = (
        resends.settle(session.connection, session.home, session.ledger, feed, taken_in) if feed is not None else []
    )
    session.ledger.record_all(entries, verdicts)
    return [result_of(batch) for batch, _, _ in entries]


def _says_nothing_new(
    session: Session,
    reading: GroupReading,
    admitted: _Admitted,
    before: list[tuple[BatchIdentity, Path | None, RefusedFile | None]],
) -> bool:
    """Whether the same content came before, in this group or an earlier one, and was no report of nothing."""
    if session.ledger.known(_feed_id(admitted.arrival), admitted.sha256, admitted.day):
        return True
    return any(
        identity.sha256 == admitted.sha256
        and (refusal is not None or reading.records(number) > 0 or identity.day == admitted.day)
        for number, (identity, _, refusal) in enumerate(before)
    )


def _identity(session: Session, admitted: _Admitted, sequence: int) -> BatchIdentity:
    arrival, sha256 = admitted.arrival, admitted.sha256
    feed = arrival.feed
    stamp = f"{arrival.data_until:%Y%m%d}" if arrival.data_until else "undated"
    if admitted.is_repeated and not arrival.data_until:
        stamp += f"{admitted.day:%Y%m%d}"
    name = f"{feed.department}_{feed.name}" if feed else UNKNOWN_FEED
    return BatchIdentity(
        batch_id=f"{name}_{stamp}_{sha256[:12]}",
        batch_seq=sequence,
        feed=_feed_id(arrival),
        department=feed.department if feed else arrival.file.split("/")[0] if "/" in arrival.file else UNKNOWN_FEED,
        file=arrival.file,
        sha256=sha256,
        bytes=admitted.bytes,
        received_on=session.run_date,
        run_id=session.run_id,
        is_synthetic=session.is_synthetic,
        data_until=arrival.data_until,
        kind="pull" if arrival.is_pulled else "file",
        contract_version=feed.version if feed else None,
        day=admitted.day,
    )


def result_of(batch: Batch) -> BatchResult:
    """What a batch on the ledger came to."""
    fields = BatchResult.__dataclass_fields__
    return BatchResult(**{name: getattr(batch, name) for name in fields})
