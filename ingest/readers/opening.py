"""One door to all readers: the form is recognised from the content, archives are opened, each member is read as what it is."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

from ingest.base.reasons import RefusedFile
from ingest.feeds.file_names import fits
from ingest.feeds.model import Feed
from ingest.readers import archives, delimited, html_tables, json_records, parquet, spreadsheet_xml, xml_records
from ingest.readers.excel import ExcelReader
from ingest.readers.forms import HEAD_BYTES, family, foreign_label, form_of
from ingest.readers.table import TextTable

WORKBOOKS = ("xlsx", "xls", "ods")
MAX_NESTING = 1  # an archive inside the archive is opened, one inside that is not


def read(path: Path, feed: Feed, scratch: Path, excel: ExcelReader, carefully: bool = False) -> TextTable:
    """Read a file of any form.

    A declared format that the content contradicts is no reason to refuse: the file is read as what it is and the
    difference noted (FORMAT_DIFFERS). An archive stands for its members.

    Args:
        path: the archived file.
        feed: its contract; format None means that any form will do.
        scratch: empty folder of the caller's run.
        excel: the reader of workbooks.
        carefully: delimited text line by line, since DuckDB counted other records than its lines.

    Raises:
        RefusedFile: whatever the form's reader says, or FILE_ENCRYPTED, ARCHIVE_UNSAFE.
    """
    return _Opening(feed, excel, carefully, archives.Budget(path.stat().st_size)).read(path, scratch, 0)


class _Opening:
    """What is the same for a delivery and for all that is packed in it."""

    def __init__(self, feed: Feed, excel: ExcelReader, carefully: bool, budget: archives.Budget) -> None:
        self._feed = feed
        self._excel = excel
        self._carefully = carefully
        self._budget = budget

    def read(self, path: Path, scratch: Path, depth: int) -> TextTable:
        if path.stat().st_size == 0:
            raise RefusedFile("FILE_EMPTY", "文件为 0 字节")
        form = form_of(path)
        declared = self._feed.format
        if form == "zip" and declared in WORKBOOKS and not _is_sound_zip(path):
            form = "xlsx"  # a workbook cut short looks like any broken archive
        if form in ("zip", "gz"):
            if depth > MAX_NESTING:
                raise RefusedFile("ARCHIVE_UNSAFE", "压缩包里套着压缩包，超过一层")
            return self._read_members(path, form, scratch, depth)
        if form == "csv" and declared and family(declared) != "csv":
            return self._read_text_declared_otherwise(path, scratch)
        table = self._read_form(form, path, scratch)
        # a pull is ours and always Parquet, whatever form the department's own files have
        if form == "parquet":
            return table
        if declared and family(form) != family(declared) and family(declared) not in ("zip", "gz"):
            table = replace(table, changes=(*table.changes, _differs(form, table)))
        return table

    def _read_form(self, form: str, path: Path, scratch: Path) -> TextTable:
        if form == "encrypted":
            raise RefusedFile("FILE_ENCRYPTED", "工作簿设了打开密码")
        if form == "foreign":
            with path.open("rb") as file:
                label = foreign_label(file.read(HEAD_BYTES))
            raise RefusedFile("FILE_UNREADABLE", f"是{label}，请改报 CSV、XLSX、JSON、XML 或普通 ZIP")
        if form == "html":
            return html_tables.read(path, self._feed, scratch)
        if form == "xml2003":
            return spreadsheet_xml.read(path, self._feed, scratch)
        if form in WORKBOOKS:
            return self._excel.read(path, self._feed, scratch)
        if form in ("json", "jsonl"):
            return json_records.read(path, self._feed, scratch)
        if form == "xml":
            return xml_records.read(path, self._feed, scratch)
        if form == "parquet":
            return parquet.read(path, self._feed, scratch)
        return delimited.read(path, self._feed, scratch, self._carefully)

    def _read_text_declared_otherwise(self, path: Path, scratch: Path) -> TextTable:
        """Text where something else was agreed: tab-separated text named .xls is common; if not that, it is broken."""
        feed = replace(self._feed, delimiter=None)
        try:
            table = delimited.read(path, feed, scratch, self._carefully)
        except RefusedFile:
            declared = family(self._feed.format or "")
            return self._read_form(declared if declared not in ("zip", "gz") else "csv", path, scratch)
        return replace(table, changes=(*table.changes, _differs("csv", table)))

    def _read_members(self, path: Path, form: str, scratch: Path, depth: int) -> TextTable:
        folder = scratch / "members"
        folder.mkdir(parents=True, exist_ok=True)
        if form == "gz":
            member = archives.unpack_gz(path, "", folder, self._budget)
            inner = scratch / "read0"
            inner.mkdir()
            return self.read(member.path, inner, depth + 1)
        tables: list[tuple[str, TextTable]] = []
        skipped: list[tuple[str, str, int]] = []
        refused: list[RefusedFile] = []
        for number, member in enumerate(archives.unpack_zip(path, folder, self._budget)):
            inner = scratch / f"read{number}"
            inner.mkdir()
            try:
                tables.append((member.name, self.read(member.path, inner, depth + 1)))
            except RefusedFile as refusal:
                if self._is_meant(member.name, refusal):
                    detail = f"压缩包里的 {member.name}：{refusal.detail}"
                    raise RefusedFile(refusal.code, detail, refusal.records, refusal.is_meant) from refusal
                skipped.append((member.name, "MEMBER_SKIPPED", refusal.records))
                refused.append(refusal)
        if not tables:
            names = "、".join(name for name, _, _ in skipped[:5])
            detail = f"压缩包里没有这份数据的文件（有：{names}）；{refused[0].detail}"
            raise RefusedFile(refused[0].code, detail, sum(r.records for r in refused))
        return _joined(tables, skipped)

    def _is_meant(self, name: str, refusal: RefusedFile) -> bool:
        """Whether a member that cannot be read was meant as data, so that leaving it out would lose rows."""
        if refusal.is_meant or refusal.code in ("FILE_ENCRYPTED", "ARCHIVE_UNSAFE", "FILE_TRUNCATED"):
            return True
        return self._feed.file_pattern != "*" and fits(name.rsplit("/", 1)[-1], self._feed.file_pattern)


def _is_sound_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path):
            return True
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False


def _differs(form: str, table: TextTable) -> tuple[str, str, int]:
    return form, "FORMAT_DIFFERS", sum(part.rows for part in table.parts) + len(table.flaws)


def _joined(tables: list[tuple[str, TextTable]], skipped: list[tuple[str, str, int]]) -> TextTable:
    """Members as one delivery; `sheet` tells the member, and the sheet within it."""

    def place(name: str, sheet: str) -> str:
        return f"{name}/{sheet}" if sheet else name

    return TextTable(
        parts=tuple(replace(p, sheet=place(name, p.sheet)) for name, table in tables for p in table.parts),
        flaws=tuple(replace(f, sheet=place(name, f.sheet)) for name, table in tables for f in table.flaws),
        furniture=sum(table.furniture for _, table in tables),
        skipped_sheets={place(n, s): rows for n, table in tables for s, rows in table.skipped_sheets.items()},
        changes=tuple(change for _, table in tables for change in table.changes) + tuple(skipped),
    )
