"""Several files of one feed read one by one and judged together: planning a wide query costs more than small files do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ingest.base.reasons import REPAIRS, RefusedFile
from ingest.base.sql import literal
from ingest.feeds.headers import HeaderMatch
from ingest.feeds.model import Feed
from ingest.judging import fast_lane, text_table
from ingest.judging.duplicates import mark_duplicates
from ingest.judging.fast_lane import LaneFile, PlainRows
from ingest.judging.judge import awaited, failure_names, header_unit, judge, prepare_references
from ingest.judging.tables import ACCEPTED, DUPLICATE_ROW, JUDGED_ACCEPTED
from ingest.readers import opening
from ingest.readers.excel import ExcelReader
from ingest.readers.table import Flaw, TextPart, TextTable
from ingest.storage import quarantine
from ingest.storage.lake import Lineage
from ingest.storage.quarantine import REFUSED_ROW

if TYPE_CHECKING:  # numpy: small files do without
    from ingest.judging.fast_lane_repeats import Fingerprints


@dataclass(frozen=True)
class Lane:
    """A part that went through the fast lane: where its plain rows are, and what is remembered of them."""

    number: int
    place: int
    sheet: str
    file: LaneFile
    plain: PlainRows

    @property
    def rows(self) -> int:
        return len(self.plain.fingerprints.hashes)


@dataclass
class Outcome:
    """What became of one file: counts, changes as (column, kind, rows), and where its plain rows are."""

    received: int = 0
    refused: int = 0
    duplicate: int = 0
    furniture: int = 0
    changes: list[tuple[str, str, int]] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)

    @property
    def loaded(self) -> int:
        """Records that go into the lake."""
        return self.received - self.refused - self.duplicate


@dataclass(frozen=True)
class _Layout:
    """Files with the very same headers share a table of text and a table of judged rows."""

    number: int
    headers: tuple[str, ...]
    match: HeaderMatch

    @property
    def raw(self) -> str:
        return f"raw_{self.number}"

    @property
    def judged(self) -> str:
        return f"judged_{self.number}"


class GroupReading:
    """One group on its way: `read` each file, then `judge` them all.

    Args:
        connection: prepared by `judging.prepare_connection`; tables of a former group are replaced.
        excel: the reader of workbooks.
        scratch: folder for the text of the file being read.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, excel: ExcelReader, scratch: Path) -> None:
        self._connection = connection
        self._excel = excel
        self._scratch = scratch / "file"
        self._lane_folder = scratch / "lanes"
        shutil.rmtree(self._lane_folder, ignore_errors=True)
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._is_referred = False
        self._lanes: dict[tuple[int, int], tuple[Lane, _Layout]] = {}
        for (name,) in connection.execute("select table_name from duckdb_tables() where temporary").fetchall():
            if name.startswith(("raw_", "judged_", "extra_")):
                connection.execute(f"drop table {name}")
        quarantine.start(connection)

    def read(self, number: int, archived: Path, feed: Feed, lineage: Lineage) -> None:
        """Read one file into the tables of text, plain rows of a large one into pieces of its lake file.

        Args:
            number: the file's number in the group, in order of taking in.
            archived: its copy in the archive.
            feed: its contract.
            lineage: what its rows will say of where they come from.

        Raises:
            RefusedFile: when the file is refused whole; nothing of it is then in the tables.
        """
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        if archived.stat().st_size == 0:
            raise RefusedFile("FILE_EMPTY", "文件为 0 字节")
        table = opening.read(archived, feed, self._scratch, self._excel)
        try:
            return self.stage(number, table, feed, lineage)
        except text_table.CountMismatch:
            # not as plain as it looked: line by line
            shutil.rmtree(self._scratch)
            self._scratch.mkdir()
            table = opening.read(archived, feed, self._scratch, self._excel, carefully=True)
        try:
            return self.stage(number, table, feed, lineage)
        except text_table.CountMismatch as mismatch:
            records = len(table.flaws) + sum(part.rows for part in table.parts)
            raise RefusedFile("FILE_UNREADABLE", f"逐行清点与解析的结果不一致（{mismatch}）", records) from mismatch

    def stage(self, number: int, table: TextTable, feed: Feed | None = None, lineage: Lineage | None = None) -> None:
        """Add a file's text, already laid out, under its number in the group; with a lineage large parts go the fast lane.

        Raises:
            CountMismatch: the text is not as its reader took it to be; nothing of it is then in the tables.
        """
        layouts: list[_Layout] = []
        for place, part in enumerate(table.parts):
            layout = self._layouts.setdefault(part.headers, _Layout(len(self._layouts), part.headers, part.match))
            try:
                may_go_fast = feed is not None and (self._is_referred or not feed.references)
                if feed is not None and lineage is not None and may_go_fast and fast_lane.takes(part, feed):
                    self._load_fast(number, place, part, feed, layout, lineage)
                else:
                    text_table.load(self._connection, part, layout.raw, (number, place))
            except text_table.CountMismatch:
                for loaded in layouts:
                    self._connection.execute(f"delete from {loaded.raw} where _file = {number}")
                for key in [key for key in self._lanes if key[0] == number]:
                    del self._lanes[key]
                raise
            layouts.append(layout)
        for place, part in enumerate(table.parts):
            text_table.keep_extra(self._connection, number, place, part)
        _refuse_flaws(self._connection, number, table.flaws)
        outcome = Outcome(received=len(table.flaws), furniture=table.furniture)
        outcome.changes += [(sheet, "SHEET_SKIPPED", rows) for sheet, rows in table.skipped_sheets.items()]
        outcome.changes += table.changes
        self._outcomes[number] = outcome

    def records(self, number: int) -> int:
        """Records read of one file so far, furniture left out."""
        counted = [
            self._connection.execute(
                f"select count(*) from {layout.raw} where _file = {number} and not _is_furniture"
            ).fetchall()[0][0]
            for layout in self._layouts.values()
        ]
        plain = sum(lane.rows for lane, _ in self._lanes.values() if lane.number == number)
        return plain + sum(counted) + (self._outcomes[number].received if number in self._outcomes else 0)

    def _load_fast(
        self, number: int, place: int, part: TextPart, feed: Feed, layout: _Layout, lineage: Lineage
    ) -> None:
        self._lane_folder.mkdir(exist_ok=True)
        name = f"plain_{number}_{place}"
        file = fast_lane.LaneFile(self._lane_folder / f"{name}.parquet", name, lineage)
        plain = fast_lane.load(self._connection, feed, part, layout.raw, file, (number, place), self._scratch)
        self._lanes[number, place] = (Lane(number, place, part.sheet, file, plain), layout)

    def refer(self, feed: Feed, referenced: Mapping[str, Sequence[Path]]) -> None:
        """Say before reading what a feed's references may name, so that its rows may go the fast lane.

        Args:
            feed: the contract.
            referenced: feed id → lake files of each feed that the contract refers to.
        """
        prepare_references(self._connection, feed, referenced)
        self._is_referred = True

    def refuse(self, number: int, rows: Sequence[tuple[str, int, str, str]]) -> None:
        """Refuse records that no judge need look at: (sheet, row, reason code, content as JSON)."""
        quarantine.add(self._connection, [(number, sheet, row, code, "", text) for sheet, row, code, text in rows])
        self._outcomes.setdefault(number, Outcome()).received += len(rows)

    def judge(
        self, feed: Feed, lake_files: Sequence[Path], referenced: Mapping[str, Sequence[Path]] | None = None
    ) -> dict[int, Outcome]:
        """Judge what was read and find what says nothing new.

        Args:
            feed: the contract.
            lake_files: the feed's lake files before this group.
            referenced: feed id → lake files of each feed that the contract refers to.

        Returns:
            File number → outcome; `lake_query` and `quarantine.write` then give its rows.
        """
        if not self._outcomes:
            return {}
        connection = self._connection
        if not self._is_referred:
            prepare_references(connection, feed, referenced or {})
        values = ", ".join(f'"v_{c.name}" as "{c.name}"' for c in feed.columns)
        accepted = []
        for layout in self._layouts.values():
            rows = f"(select * from {layout.raw} where not _is_furniture)"
            judge(connection, feed, layout.match, rows, layout.judged)
            counts = connection.execute(
                f"select _file, count(*) filter (not _is_furniture), count(*) filter (_is_furniture) "
                f"from {layout.raw} group by _file"
            ).fetchall()
            records_of: dict[int, int] = {}
            for number, records, furniture in counts:
                records_of[number] = records
                self._outcomes[number].furniture += furniture
            for lane, its_layout in self._lanes.values():
                if its_layout is layout and lane.rows:
                    records_of[lane.number] = records_of.get(lane.number, 0) + lane.rows
            for number, records in sorted(records_of.items()):
                self._outcomes[number].received += records
                self._outcomes[number].changes += _shape_changes(feed, layout, records)
            failures = failure_names(feed, layout.match)
            if failures:
                quarantine.gather(
                    connection, layout.raw, layout.judged, layout.headers, failures, awaited(feed, layout.match)
                )
            accepted.append(
                f"select _file, _part, _ord, _row, _sheet, _row_hash, {values} from {layout.judged} where not _is_refused"
            )
        if not accepted:  # nothing but records that were refused before they were judged
            none = ", ".join(f'cast(null as {c.duckdb_type}) as "{c.name}"' for c in feed.columns)
            place = "0 as _file, 0 as _part, 0 as _ord, 0 as _row, '' as _sheet, 0::ubigint as _row_hash"
            accepted.append(f"select {place}, {none} where false")
        connection.execute(f"create or replace temp table {JUDGED_ACCEPTED} as {' union all '.join(accepted)}")
        names = ", ".join(f'"{c.name}"' for c in feed.columns)
        plain = "".join(
            f" union all select {lane.number}, {lane.place}, _ord, _row, {literal(lane.sheet)}, _row_hash, {names} "
            f"from {lane.file.view}"
            for lane, _ in self._lanes.values()
        )
        connection.execute(f"create or replace temp view {ACCEPTED} as select * from {JUDGED_ACCEPTED}{plain}")
        for lane, _ in self._lanes.values():
            self._outcomes[lane.number].lanes.append(lane)
        lanes: dict[int, list[Fingerprints]] = {}
        for lane, _ in self._lanes.values():
            lanes.setdefault(lane.number, []).append(lane.plain.fingerprints)
        mark_duplicates(connection, feed, lake_files, sorted(self._outcomes), lanes)
        for table, name in ((f"{REFUSED_ROW}", "refused"), (f"{DUPLICATE_ROW}", "duplicate")):
            for number, rows in connection.execute(f"select _file, count(*) from {table} group by _file").fetchall():
                setattr(self._outcomes[number], name, rows)
        for layout in self._layouts.values():
            self._count_repairs(feed, layout)
        return self._outcomes

    def _count_repairs(self, feed: Feed, layout: _Layout) -> None:
        """Count the rows repaired by column and kind, among those that are loaded."""
        names = [c.name for c in feed.columns if c.name in layout.match.positions]
        loaded = f"from {layout.judged} anti join {DUPLICATE_ROW} using (_file, _part, _ord) where not _is_refused"
        masks = ", ".join(f'bit_or("m_{name}")' for name in names)
        seen = self._connection.execute(f"select {masks} {loaded}").fetchall()[0]
        wanted = [
            (name, repair)
            for name, mask in zip(names, seen, strict=True)
            for repair in REPAIRS.values()
            if (mask or 0) & repair.bit
        ]
        if not wanted:
            return
        counts = ", ".join(f'count(*) filter (("m_{name}" & {repair.bit}) <> 0)' for name, repair in wanted)
        for number, *rows in self._connection.execute(f"select _file, {counts} {loaded} group by _file").fetchall():
            self._outcomes[number].changes += [
                (name, repair.code, count) for (name, repair), count in zip(wanted, rows, strict=True) if count
            ]


def _shape_changes(feed: Feed, layout: _Layout, rows: int) -> list[tuple[str, str, int]]:
    headers = quarantine.distinct_headers(layout.headers)
    return [
        *((headers[i], "EXTRA_COLUMN", rows) for i in layout.match.extra),
        *((name, "COLUMN_MISSING", rows) for name in layout.match.absent),
        *((c.name, "HEADER_UNIT", rows) for c in feed.columns if header_unit(c, layout.match)),
    ]


def lake_query(feed: Feed, number: int, lineage: Lineage) -> str:
    """The rows of one file that the judge let pass, as they go into the lake: contract columns and lineage."""
    return (
        f"select {_lake_columns(feed, lineage)} from {JUDGED_ACCEPTED} anti join {DUPLICATE_ROW} using (_file, _part, _ord) "
        f"where {JUDGED_ACCEPTED}._file = {number} order by _part, _ord"
    )


def plain_query(feed: Feed, lane: Lane) -> str:
    """The plain rows of one part that say anything new, as they go into the lake."""
    repeated = f"select _ord from {DUPLICATE_ROW} where _file = {lane.number} and _part = {lane.place}"
    rows = f"select *, {literal(lane.sheet)} as _sheet from {lane.file.view} where _ord not in ({repeated})"
    return f"select {_lake_columns(feed, lane.file.lineage)} from ({rows})"


def _lake_columns(feed: Feed, lineage: Lineage) -> str:
    values = ", ".join(f'"{c.name}"' for c in feed.columns)
    return (
        f"{values}, {literal(lineage.batch_id)} as _batch_id, {lineage.batch_seq}::bigint as _batch_seq, "
        f"{literal(lineage.file)} as _file, _sheet, _row, _row_hash, date '{lineage.received_on}' as _received_on"
    )


def _refuse_flaws(connection: duckdb.DuckDBPyConnection, file_number: int, flaws: tuple[Flaw, ...]) -> None:
    """Add records that could not be laid out in columns, as the line they were sent in."""
    quarantine.add(
        connection,
        [(file_number, f.sheet, f.row, f.code, "", json.dumps({"_line": f.text}, ensure_ascii=False)) for f in flaws],
    )
