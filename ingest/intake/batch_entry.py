"""One judged file becomes a batch: its rows written to lake and quarantine, and the entry that the ledger will get."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.base.clock import utc_now
from ingest.base.files import settle_hashed
from ingest.base.reasons import FILE_REASONS, RefusedFile
from ingest.feeds.model import Feed
from ingest.intake.session import Session
from ingest.judging.file_group import Lane, Outcome, lake_query, plain_query
from ingest.judging.judge import hash_kind
from ingest.judging.tables import DUPLICATE_ROW
from ingest.storage import extra_columns, lake, quarantine
from ingest.storage.batch_identity import BatchIdentity
from ingest.storage.content_identity import zero_report_id
from ingest.storage.ledger import Batch, Change, Entry, QuarantineRow


def referenced_files(session: Session, feed: Feed) -> dict[str, list[Path]]:
    """The lake files of every feed that this one refers to, by its id."""
    return {
        r.feed: [session.home.lake / path for path, _, _ in session.ledger.lake_files(r.feed)] for r in feed.references
    }


def refuse(session: Session, archived: Path | None, identity: BatchIdentity, refusal: RefusedFile) -> Batch:
    """Keep a file that is refused whole; returns what the ledger will say of it."""
    reason = FILE_REASONS[refusal.code]
    quarantine.keep_file(session.home, archived, identity, refusal)
    return Batch(
        **identity.on_ledger(content_id=identity.content_id or identity.sha256, state="open"),
        status="refused",
        reason_code=refusal.code,
        reason_message=f"{reason.label}：{refusal.detail}。{reason.remedy}",
        received=refusal.records,
        loaded=0,
        refused=refusal.records,
        duplicate=0,
        furniture=0,
        lake_file=None,
        lake_sha256=None,
        taken_at=utc_now(),
    )


def enter(
    session: Session,
    feed: Feed,
    identity: BatchIdentity,
    number: int,
    outcome: Outcome,
    ids: Mapping[tuple[str, int], str] | None = None,
) -> Entry:
    """Write one judged file's rows to lake and quarantine; returns what the ledger will say of it.

    Args:
        session: what the intake works with.
        feed: the contract.
        identity: which batch it is.
        number: the file's number in its group.
        outcome: the judge's counts.
        ids: (sheet, row) → quarantine id of rows that are in the quarantine already.
    """
    name = identity.file_name
    loaded = outcome.received - outcome.refused - outcome.duplicate
    lake_file = lake_sha256 = None
    if loaded:
        path = lake.folder(session.home, feed.department, feed.name) / f"{name}.parquet"
        lake_sha256 = _write_lake(session, feed, lake.Lineage.of(identity), number, outcome, path)
        lake_file = path.relative_to(session.home.lake).as_posix()
    extra_columns.write_extra(
        session.connection, number, extra_columns.extra_file(session.home, feed.department, feed.name, name)
    )
    entries: list[QuarantineRow] = []
    if outcome.refused:
        path = quarantine.rows_file(session.home, feed.department, feed.name, name)
        wait_days = max((r.wait_days for r in feed.references), default=0)
        entries = quarantine.write(session.connection, path, number, identity, ids or {}, wait_days)
    changes = [Change(identity.batch_id, feed.id, column, kind, rows) for column, kind, rows in outcome.changes]
    content_id = identity.content_id
    if content_id is None:
        day = identity.day or identity.received_on
        content_id = identity.sha256 if outcome.received else zero_report_id(identity.sha256, day)
    batch = Batch(
        **identity.on_ledger(content_id=content_id),
        status="loaded",
        reason_code=None,
        reason_message=None,
        received=outcome.received,
        loaded=loaded,
        refused=outcome.refused,
        duplicate=outcome.duplicate,
        furniture=outcome.furniture,
        lake_file=lake_file,
        lake_sha256=lake_sha256,
        taken_at=utc_now(),
    )
    return batch, entries, changes


def _write_lake(session: Session, feed: Feed, lineage: lake.Lineage, number: int, outcome: Outcome, path: Path) -> str:
    """Write what is loaded of a file: plain rows first, in order of the file, then those that the judge let pass.

    Sorting wide rows would cost more than judging them.

    Returns:
        sha256 of the lake file.
    """
    query, kind = lake_query(feed, number, lineage), hash_kind(feed)
    lanes = [(lane, _new_rows(session, lane, outcome)) for lane in outcome.lanes]
    lanes = [(lane, rows) for lane, rows in lanes if rows]
    if not lanes:
        return lake.write(session.connection, query, path, kind)
    from ingest.storage import parquet_pieces
    from ingest.storage.parquet_join import join

    pieces = []
    for lane, rows in lanes:
        piece = lane.file.path
        if rows < lane.rows:
            piece = piece.with_name(f"new_{piece.name}")
            parquet_pieces.write(session.connection, plain_query(feed, lane), piece, kind)
        pieces.append(piece)
    if sum(rows for _, rows in lanes) < outcome.loaded:
        judged = pieces[0].with_name(f"judged_{number}.parquet")
        parquet_pieces.write(session.connection, query, judged, kind)
        pieces.append(judged)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    join(pieces, temporary)
    return settle_hashed(temporary, path)


def _new_rows(session: Session, lane: Lane, outcome: Outcome) -> int:
    """How many plain rows of a part say anything new."""
    if not outcome.duplicate or not lane.rows:
        return lane.rows
    repeated = f"select _ord from {DUPLICATE_ROW} where _file = {lane.number} and _part = {lane.place}"
    counted = session.connection.execute(f"select count(*) from {lane.file.view} where _ord in ({repeated})").fetchall()
    return lane.rows - int(counted[0][0])
