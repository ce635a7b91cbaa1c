"""Takes the landing in: every file archived, read, judged, and entered in the ledger, or refused whole with its reason.

A batch becomes real with its ledger entry. Everything before it (archive, lake file, quarantine) is written under final
names that only that entry refers to, so a crash at any point leaves at most orphans, which `prepare` removes.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ingest import lake, quarantine, staging
from ingest.casting import literal
from ingest.contract import Feed
from ingest.home import Home
from ingest.judging import failure_names, header_unit, judge, prepare_connection
from ingest.landing import MARKER, Arrival, archive, arrivals, sha256_of
from ingest.ledger import Batch, Change, Ledger
from ingest.readers import delimited, json_records
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextPart, TextTable
from ingest.reasons import FILE_REASONS, REPAIRS, RefusedFile

UNKNOWN_FEED = "unknown"
MEMORY_LIMIT = "1GB"  # judging 3M rows × 17 columns spills beyond it and still ends (design §6)
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
class _Run:
    """What all files of one run share."""

    home: Home
    connection: duckdb.DuckDBPyConnection
    excel: ExcelReader
    ledger: Ledger
    scratch: Path
    run_date: date
    run_id: str
    is_synthetic: bool


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
    with _alone(home), Ledger(home.ledger) as ledger, _connection(home.build) as connection:
        for feed in feeds.values():
            (home.landing / feed.department / feed.name).mkdir(parents=True, exist_ok=True)
            lake.write_schema(connection, home, feed)
        on_ledger = {home.lake / path for path, _, _ in ledger.lake_files()}
        removed = []
        for path in sorted((home.lake / "raw").rglob("*")):
            if path.is_file() and path.name != "_schema.parquet" and path not in on_ledger:
                path.unlink()
                removed.append(path)
        removed += quarantine.remove_orphans(home, ledger.batch_ids())
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
) -> list[BatchResult]:
    """Take in what is new in the landing.

    Args:
        home: the state folder.
        feeds: every contract, by id.
        run_date: the day the files count as received on.
        run_id: the run that took them in.
        only: one feed's id; files that belong to no feed are then left to `take_in_unknown`.
        progress: gets one Chinese line a file.

    Returns:
        One result a new file, in the order they were taken in; files already on the ledger give none.
    """
    wanted = [a for a in arrivals(home, feeds) if only is None or (a.feed is not None and a.feed.id == only)]
    return _take_in(home, feeds, wanted, run_date, run_id, progress)


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
) -> list[BatchResult]:
    if not home.ledger.exists():
        prepare(home, feeds)
    results: list[BatchResult] = []
    with _alone(home), Ledger(home.ledger) as ledger:
        new = [(a, sha) for a in wanted if not ledger.known(_feed_id(a), sha := sha256_of(a.path))]
        if not new:
            return results
        with _connection(home.build) as connection, ExcelReader() as excel:
            scratch = Path(connection.execute("select current_setting('temp_directory')").fetchall()[0][0])
            prepare_connection(connection, {a.feed.id: a.feed for a, _ in new if a.feed}.values())
            is_synthetic = (home.landing / MARKER).exists()
            run = _Run(home, connection, excel, ledger, scratch, run_date, run_id, is_synthetic)
            for place, (arrival, sha256) in enumerate(new, 1):
                if ledger.known(_feed_id(arrival), sha256):
                    continue  # the same content twice in one landing
                result = _take_file(run, arrival, sha256)
                results.append(result)
                if progress:
                    progress(f"[{place}/{len(new)}] {describe(result)}")
    return results


def describe(result: BatchResult) -> str:
    """One Chinese line about a file: what was received and what became of it."""
    if result.status == "refused":
        return f"{result.file}：整个文件退回，{result.reason_message}"
    line = f"{result.file}：收到 {result.received:,} 行，入库 {result.loaded:,}"
    line += f"，退回 {result.refused:,}" if result.refused else ""
    return line + (f"，重复 {result.duplicate:,}" if result.duplicate else "")


def _feed_id(arrival: Arrival) -> str:
    return arrival.feed.id if arrival.feed else UNKNOWN_FEED


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One intake at a time: `prepare` must not take another run's unfinished files for orphans."""
    home.lake.mkdir(parents=True, exist_ok=True)
    with (home.lake / ".intake.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _connection(parent: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that spills into a folder of its own; one thread, so that the same input gives the same bytes."""
    scratch = tempfile.mkdtemp(prefix="intake-", dir=parent)
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": scratch,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _take_file(run: _Run, arrival: Arrival, sha256: str) -> BatchResult:
    archived = archive(run.home, arrival.path, sha256)
    feed = arrival.feed
    department = feed.department if feed else (arrival.file.split("/")[0] if "/" in arrival.file else UNKNOWN_FEED)
    stamp = f"{arrival.data_until:%Y%m%d}" if arrival.data_until else "undated"
    name = f"{feed.department}_{feed.name}" if feed else UNKNOWN_FEED
    batch_id = f"{name}_{stamp}_{sha256[:12]}"
    common = {
        "batch_id": batch_id,
        "batch_seq": run.ledger.next_seq(_feed_id(arrival)),
        "feed": _feed_id(arrival),
        "department": department,
        "file": arrival.file,
        "sha256": sha256,
        "bytes": archived.stat().st_size,
        "received_on": run.run_date,
        "run_id": run.run_id,
        "is_synthetic": run.is_synthetic,
        "data_until": arrival.data_until,
    }
    try:
        if feed is None:
            raise RefusedFile("FILE_UNKNOWN", f"没有合同与 {arrival.file} 相符")
        return _load(run, feed, archived, common)
    except RefusedFile as refusal:
        return _refuse(run, archived, common, refusal)


def _refuse(run: _Run, archived: Path, common: dict, refusal: RefusedFile) -> BatchResult:
    reason = FILE_REASONS[refusal.code]
    quarantine.keep_file(run.home, archived, common["file"], common["batch_id"], refusal)
    message = f"{reason.label}：{refusal.detail}。{reason.remedy}"
    batch = Batch(
        **common,
        status="refused",
        reason_code=refusal.code,
        reason_message=message,
        received=refusal.records,
        loaded=0,
        refused=refusal.records,
        duplicate=0,
        furniture=0,
        lake_file=None,
        lake_sha256=None,
        taken_at=_now(),
    )
    run.ledger.record(batch, [], [])
    return _result(batch)


def _load(run: _Run, feed: Feed, archived: Path, common: dict) -> BatchResult:
    connection = run.connection
    scratch = run.scratch / "file"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    table, furniture = _read(run, feed, archived, scratch)
    quarantine.start(connection)
    quarantine.add_flaws(connection, table.flaws)
    changes: list[Change] = []
    received = len(table.flaws)
    judged = []
    for place, part in enumerate(table.parts):
        raw, target = f"raw_{place}", f"judged_{place}"
        judge(connection, feed, part.match, raw, target)
        judged.append(target)
        received += _count(connection, f"select count(*) from {raw}")
        if _count(connection, f"select count(*) from {target} where _is_refused"):
            quarantine.gather(connection, raw, target, part.headers, failure_names(feed, part.match))
        changes += _shape_changes(common["batch_id"], feed, part, connection, raw)
    _unite(connection, feed, judged, table.parts)
    refused = _count(connection, "select count(*) from refused_row")
    duplicate = _mark_duplicates(run, feed)
    loaded = received - refused - duplicate
    changes += _repairs(connection, common["batch_id"], feed, judged, table.parts)
    changes += [Change(common["batch_id"], feed.id, s, "SHEET_SKIPPED", n) for s, n in table.skipped_sheets.items()]
    lake_file = lake_sha256 = None
    if loaded:
        lake_file, lake_sha256 = _write_lake(run, feed, common)
    entries = quarantine.write(
        connection,
        quarantine.rows_file(run.home, feed.department, feed.name, common["batch_id"]),
        common["batch_id"],
        feed.id,
        feed.department,
        common["file"],
        run.run_date,
    )
    batch = Batch(
        **common,
        status="loaded",
        reason_code=None,
        reason_message=None,
        received=received,
        loaded=loaded,
        refused=refused,
        duplicate=duplicate,
        furniture=furniture,
        lake_file=lake_file,
        lake_sha256=lake_sha256,
        taken_at=_now(),
    )
    run.ledger.record(batch, entries, changes)
    return _result(batch)


def _read(run: _Run, feed: Feed, archived: Path, scratch: Path) -> tuple[TextTable, int]:
    """Read a file into the tables raw_0, raw_1, … of text; returns what the reader saw and the furniture left out."""
    if archived.stat().st_size == 0:
        raise RefusedFile("FILE_EMPTY", "文件为 0 字节")
    if feed.format == "json":
        table = json_records.read(archived, feed, scratch)
    elif feed.format in ("xlsx", "xls", "ods", "excel"):
        table = run.excel.read(archived, feed, scratch)
    else:
        table = delimited.read(archived, feed, scratch)
    try:
        furniture = _stage(run.connection, table)
    except staging.CountMismatch:
        if feed.format != "csv" or table.parts[0].numbered:
            raise
        # not as plain as it looked: line by line
        table = delimited.careful(table.parts[0].path, feed, scratch, archived)
        furniture = _stage(run.connection, table)
    return table, furniture + table.furniture


def _stage(connection: duckdb.DuckDBPyConnection, table: TextTable) -> int:
    return sum(staging.load(connection, part, f"raw_{place}") for place, part in enumerate(table.parts))


def _unite(connection: duckdb.DuckDBPyConnection, feed: Feed, judged: list[str], parts: tuple[TextPart, ...]) -> None:
    """All sheets' accepted rows in one table `accepted`, in order."""
    values = ", ".join(f'"v_{c.name}" as "{c.name}"' for c in feed.columns)
    selects = [
        f"select {place} as _part, _ord, _row, _sheet, _row_hash, {values} from {table} where not _is_refused"
        for place, table in enumerate(judged)
    ]
    connection.execute(f"create or replace temp table accepted as {' union all '.join(selects)} order by _part, _ord")


def _mark_duplicates(run: _Run, feed: Feed) -> int:
    """Gather in `duplicate_row` the rows that say nothing new; returns how many.

    A row says nothing new when an earlier row of the file, or the latest version of its key in the lake, has the same
    content.
    """
    connection = run.connection
    connection.execute(
        "create or replace temp table duplicate_row as select _part, _ord from ("
        "select _part, _ord, row_number() over (partition by _row_hash order by _part, _ord) as place from accepted "
        "where _row_hash in (select _row_hash from accepted group by _row_hash having count(*) > 1)) where place > 1"
    )
    files = run.ledger.lake_files(feed.id)
    if files:
        paths = ", ".join(literal(str(run.home.lake / path)) for path, _, _ in files)
        key = ", ".join(f'"{k}"' for k in feed.key)
        order = ([f'"{feed.version_column}" desc nulls last'] if feed.version_column else []) + [
            "_batch_seq desc",
            "_row desc",
        ]
        connection.execute(
            "insert into duplicate_row select _part, _ord from accepted where _row_hash in ("
            f"select _row_hash from (select _row_hash, row_number() over (partition by {key} order by {', '.join(order)}) "
            f"as place from read_parquet([{paths}], union_by_name = true) "
            f"where ({key}) in (select ({key}) from accepted)) where place = 1) "
            "and (_part, _ord) not in (select (_part, _ord) from duplicate_row)"
        )
    return _count(connection, "select count(*) from duplicate_row")


def _write_lake(run: _Run, feed: Feed, common: dict) -> tuple[str, str]:
    values = ", ".join(f'"{c.name}"' for c in feed.columns)
    path = lake.folder(run.home, feed.department, feed.name) / f"{common['batch_id']}.parquet"
    query = (
        f"select {values}, {literal(common['batch_id'])} as _batch_id, {common['batch_seq']}::bigint as _batch_seq, "
        f"{literal(common['file'])} as _file, _sheet, _row, _row_hash, date '{run.run_date}' as _received_on "
        "from accepted where (_part, _ord) not in (select (_part, _ord) from duplicate_row) order by _part, _ord"
    )
    digest = lake.write(run.connection, query, path)
    return path.relative_to(run.home.lake).as_posix(), digest


def _shape_changes(
    batch_id: str, feed: Feed, part: TextPart, connection: duckdb.DuckDBPyConnection, raw: str
) -> list[Change]:
    rows = _count(connection, f"select count(*) from {raw}")
    names = quarantine.distinct_headers(part.headers)
    kinds = [(names[i], "EXTRA_COLUMN") for i in part.match.extra]
    kinds += [(name, "COLUMN_MISSING") for name in part.match.absent]
    kinds += [(c.name, "HEADER_UNIT") for c in feed.columns if header_unit(c, part.match)]
    return [Change(batch_id, feed.id, name, kind, rows) for name, kind in kinds]


def _repairs(
    connection: duckdb.DuckDBPyConnection, batch_id: str, feed: Feed, judged: list[str], parts: tuple[TextPart, ...]
) -> list[Change]:
    """Rows repaired by column and kind, among the rows that were loaded."""
    totals: dict[tuple[str, str], int] = {}
    for place, (table, part) in enumerate(zip(judged, parts, strict=True)):
        names = [c.name for c in feed.columns if c.name in part.match.positions]
        loaded = (
            f"from {table} where not _is_refused and _ord not in (select _ord from duplicate_row where _part = {place})"
        )
        seen = connection.execute("select " + ", ".join(f'bit_or("m_{n}")' for n in names) + " " + loaded).fetchall()[0]
        wanted = [
            (name, repair)
            for name, mask in zip(names, seen, strict=True)
            for repair in REPAIRS.values()
            if (mask or 0) & repair.bit
        ]
        if wanted:
            counts = ", ".join(f'count(*) filter (("m_{n}" & {r.bit}) <> 0)' for n, r in wanted)
            for (name, repair), rows in zip(
                wanted, connection.execute(f"select {counts} {loaded}").fetchall()[0], strict=True
            ):
                totals[name, repair.code] = totals.get((name, repair.code), 0) + rows
    return [Change(batch_id, feed.id, name, kind, rows) for (name, kind), rows in sorted(totals.items())]


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _result(batch: Batch) -> BatchResult:
    fields = BatchResult.__dataclass_fields__
    return BatchResult(**{name: getattr(batch, name) for name in fields})


def synthetic_marker(home: Home) -> dict[str, object] | None:
    """The marker of a demo landing (seed, scale, as_of), or None for real data."""
    path = home.landing / MARKER
    return json.loads(path.read_text("utf-8")) if path.exists() else None
