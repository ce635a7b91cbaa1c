"""Whatever bytes come: a table or a refusal, never a crash or a hang, and never a row that nobody sent.

JGT_FUZZ_EXAMPLES sets how many files are tried a test; CI tries few, a change of a reader thousands.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.base.reasons import FILE_REASONS, ROW_REASONS, RefusedFile
from ingest.judging import text_table
from ingest.readers import opening
from ingest.readers.excel import ExcelReader
from ingest.readers.table import TextTable
from tests.support.old_forms import excel_page, html_table, xml_2003, xml_row
from tests.support.text_feed import text_feed

EXAMPLES = int(os.environ.get("JGT_FUZZ_EXAMPLES", "60"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
FEED = text_feed("编号", "企业名称", "说明")
HEADER = ["编号", "企业名称", "说明"]
ROWS = [
    *([f"JC{n:03}", f"南京{n}机械有限公司", f"已改{n}"] for n in range(12)),
    ["JC100", '甲"乙"厂', "消防栓,被挡"],
    ["JC101", "丙\n（分店）", "无"],
    ["JC102", "丁店", ""],
]
RECORDS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
SPICE = st.sampled_from(
    [b'"', b'""', b"\n", b"\r", b"\r\n", b",", b"\t", b"\0", b"\xff", b"\x81", b"<", b"&", b"{", b"]", b"\\", b"PK"]
)


def written(quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([HEADER, *ROWS])
    return text.getvalue()


def packed() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("检查_1.csv", written())
    return made.getvalue()


def workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def parquet() -> bytes:
    values = ", ".join("(" + ", ".join("'" + cell + "'" for cell in row) + ")" for row in ROWS)
    names = ", ".join(f'"{h}"' for h in HEADER)
    with tempfile.TemporaryDirectory() as folder:
        duckdb.sql(f"copy (select * from (values {values}) as t ({names})) to '{folder}/made.parquet'")
        return (Path(folder) / "made.parquet").read_bytes()


XML = "".join(f'<r 编号="{a}"><企业名称>{b}</企业名称><说明>{c}</说明></r>' for a, b, c in ROWS)
GOOD = {
    "csv": written().encode(),
    "quoted csv": written(csv.QUOTE_ALL).encode("utf-8-sig"),
    "gb18030": written().encode("gb18030"),
    "utf-16": written().encode("utf-16"),
    "tabs": "".join("\t".join(r) + "\r\n" for r in [HEADER, *ROWS[:12]]).encode(),
    "json": json.dumps({"data": {"list": RECORDS}}, ensure_ascii=False).encode(),
    "json lines": "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in RECORDS).encode(),
    "xml": f'<?xml version="1.0" encoding="UTF-8"?><d>{XML}</d>'.encode(),
    "html": excel_page(html_table([HEADER, *ROWS[:12]]), "utf-8"),
    "xml 2003": xml_2003([xml_row(row) for row in [HEADER, *ROWS]]).encode(),
    "zip": packed(),
    "gz": gzip.compress(written().encode(), mtime=0),
    "xlsx": workbook(),
    "parquet": parquet(),
}


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """A good file after some flips, cuts, insertions and splices."""
    made = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(made) - 1)))
        length = draw(st.integers(1, 40))
        kind = draw(st.sampled_from(("flip", "cut", "drop", "insert", "splice")))
        if kind == "flip" and made:
            made[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del made[at + 1 :]
        elif kind == "drop":
            del made[at : at + length]
        elif kind == "insert":
            made[at:at] = draw(SPICE)
        else:
            start = draw(st.integers(0, max(0, len(made) - 1)))
            made[at:at] = made[start : start + length]
    return bytes(made)


@pytest.fixture(scope="module")
def excel() -> Iterator[ExcelReader]:
    with ExcelReader() as opened:
        yield opened


def outcome(content: bytes, excel: ExcelReader) -> TextTable | RefusedFile | list[tuple[str, ...]]:
    """What the intake makes of a file: the refusal, or the rows that reach the judge (carefully where DuckDB disagrees)."""
    folder = Path(tempfile.mkdtemp())
    try:
        path, scratch = folder / "sent", folder / "scratch"
        path.write_bytes(content)
        for carefully in (False, True):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            table = opening.read(path, FEED, scratch, excel, carefully)
            assert {flaw.code for flaw in table.flaws} <= set(ROW_REASONS)
            try:
                return loaded(table)
            except text_table.CountMismatch:
                if carefully:
                    return RefusedFile("FILE_UNREADABLE", "")
    except RefusedFile as refusal:
        assert refusal.code in FILE_REASONS
        return refusal
    finally:
        shutil.rmtree(folder)
    raise AssertionError


def loaded(table: TextTable) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    with duckdb.connect(config={"threads": 1}) as connection:
        for place, part in enumerate(table.parts):
            connection.execute("drop table if exists raw")
            text_table.load(connection, part, "raw", (0, place))
            cells = ", ".join(f"coalesce(c{part.match.positions[c.name]}, '')" for c in FEED.columns)
            rows += connection.execute(f"select {cells} from raw where not _is_furniture order by _ord").fetchall()
    return rows


@FUZZ
@given(content=st.binary(max_size=400) | st.binary(max_size=60).map(lambda b: written().encode() + b))
def test_any_bytes_give_a_table_or_a_refusal(excel: ExcelReader, content: bytes) -> None:
    assert isinstance(outcome(content, excel), RefusedFile | list)


@FUZZ
@given(magic=st.sampled_from([g[:8] for g in GOOD.values()] + [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]), rest=st.binary())
def test_the_first_bytes_of_a_form_promise_nothing(excel: ExcelReader, magic: bytes, rest: bytes) -> None:
    assert isinstance(outcome(magic + rest, excel), RefusedFile | list)


@pytest.mark.parametrize("form", [f for f in GOOD if f not in ("zip", "gz", "xlsx")])
def test_a_good_file_gives_its_rows(excel: ExcelReader, form: str) -> None:
    assert outcome(GOOD[form], excel) == [tuple(row) for row in (ROWS[:12] if form in ("tabs", "html") else ROWS)]


def seen_by_python(text: str) -> set[tuple[str, ...]]:
    """Every way Python's own csv module splits the text and each of its lines, blanks around fields aside."""
    seen = set()
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    for delimiter in ",\t;|^":
        for given_lines in [text.splitlines(keepends=True), lines, *([line] for line in lines)]:
            for skip in (False, True):
                try:
                    for cells in csv.reader(given_lines, delimiter=delimiter, skipinitialspace=skip):
                        seen.add(tuple(cell.strip(" ") for cell in cells[:3]))
                except csv.Error:
                    continue
    return seen


@FUZZ
@given(data=st.data(), form=st.sampled_from(["csv", "quoted csv", "tabs"]))
def test_a_damaged_csv_loads_no_row_that_is_not_in_it(excel: ExcelReader, data: st.DataObject, form: str) -> None:
    content = data.draw(mutated(GOOD[form]))
    rows = outcome(content, excel)
    if isinstance(rows, list):
        text = content.decode("utf-8-sig", "replace")
        sent = {tuple(row) for row in ROWS} | seen_by_python(text)
        assert [
            row for row in rows if tuple(cell.strip(" ") for cell in row) not in sent and "\ufffd" not in text
        ] == []


@FUZZ
@given(data=st.data(), form=st.sampled_from(["json", "json lines"]))
def test_a_damaged_json_loads_no_row_that_is_not_in_it(excel: ExcelReader, data: st.DataObject, form: str) -> None:
    content = data.draw(mutated(GOOD[form]))
    rows = outcome(content, excel)
    if isinstance(rows, list):
        values = {tuple(row) for row in ROWS}
        text = content.decode("utf-8-sig", "replace")
        for piece in [text, *text.split("\n")]:
            try:
                document = json.loads(piece)
            except ValueError:
                continue
            values |= {tuple(str(r.get(h) or "") for h in HEADER) for r in _objects(document)}
        known = {cell for row in values for cell in row}
        if "\ufffd" not in text:
            # the header may be damaged too, so that a column is found under none of its names
            assert [row for row in rows if row not in values and not set(row) <= known] == []


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


@FUZZ
@given(data=st.data(), form=st.sampled_from(["zip", "gz", "xlsx"]))
def test_a_damaged_package_gives_its_own_rows_or_none(excel: ExcelReader, data: st.DataObject, form: str) -> None:
    rows = outcome(data.draw(mutated(GOOD[form])), excel)
    if isinstance(rows, list):
        sent = {tuple(row) for row in ROWS}
        assert [row for row in rows if row not in sent and all(row[:2])] == []


@FUZZ
@given(data=st.data(), form=st.sampled_from(["gb18030", "utf-16", "xml", "xml 2003", "parquet"]))
def test_any_damaged_file_gives_a_table_or_a_refusal(excel: ExcelReader, data: st.DataObject, form: str) -> None:
    assert isinstance(outcome(data.draw(mutated(GOOD[form])), excel), RefusedFile | list)


@FUZZ
@given(data=st.data())
def test_a_damaged_page_moves_no_cell_to_another_column(excel: ExcelReader, data: st.DataObject) -> None:
    rows = outcome(data.draw(mutated(GOOD["html"])), excel)
    if isinstance(rows, list):
        sent = [set(column) for column in zip(*ROWS, strict=True)]
        others = [set().union(*(s for place, s in enumerate(sent) if place != own)) - sent[own] for own in range(3)]
        assert [row for row in rows if any(row[place] in others[place] for place in range(3))] == []
