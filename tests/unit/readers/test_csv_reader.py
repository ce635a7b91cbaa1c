"""CSV line by line: whatever a department sends, no physical record vanishes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.base.reasons import RefusedFile
from ingest.feeds.loading import load_feeds
from ingest.feeds.model import Column
from ingest.judging import text_table
from ingest.readers import delimited
from ingest.readers.table import TextTable

COLUMNS = tuple(Column(n, label, "string", "VARCHAR") for n, label in (("a", "编号"), ("b", "名称"), ("c", "说明")))
FEED = replace(load_feeds()["yjgl.inspection"], columns=COLUMNS, encoding="utf-8", date_orders=(), version_column=None)
HEADER = "编号,名称,说明\n"


def read(tmp_path: Path, content: str | bytes, encoding: str | None = "utf-8") -> TextTable:
    path = tmp_path / "sent.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return delimited.read(path, replace(FEED, encoding=encoding), tmp_path)


def careful(tmp_path: Path, content: str) -> tuple[list[list[str]], list[tuple[int, str]], int]:
    """(row number and cells of each record, row and code of each flaw, furniture) of the careful path."""
    path = tmp_path / "sent.csv"
    path.write_bytes(content.encode("utf-8"))
    table = delimited.careful(path, FEED, tmp_path)
    with table.parts[0].path.open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))
    assert len(records) == table.parts[0].rows
    return records, [(f.row, f.code) for f in table.flaws], table.furniture


def test_a_plain_file_is_left_to_duckdb_with_its_line_count(tmp_path: Path) -> None:
    part = read(tmp_path, HEADER + "1,甲,x\n2,乙,y\n").parts[0]
    assert (part.numbered, part.first_row, part.rows, part.newline) == (False, 2, 2, "\n")
    part = read(tmp_path, (HEADER + "1,甲,x\n2,乙,y").replace("\n", "\r\n")).parts[0]
    assert (part.rows, part.newline) == (2, "\r\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_duckdb_reads_a_plain_file_at_once_whatever_its_line_ends(tmp_path: Path, newline: str, encoding: str) -> None:
    body = "".join(f'{n},"名,{n}",说明\n' for n in range(50_000))
    table = read(tmp_path, (HEADER + body).replace("\n", newline).encode(encoding), encoding)
    connection = duckdb.connect(config={"threads": 1})
    text_table.load(connection, table.parts[0], "raw", (0, 0))
    found = connection.execute("select count(*), min(_row), max(_row), max(c1), max(c2) from raw").fetchall()
    assert found == [(50_000, 2, 50_001, "名,9999", "说明")]


def test_one_unclosed_quote_costs_one_line_and_not_the_hundred_after_it(tmp_path: Path) -> None:
    lines = [f"{n},名{n},说明\n" for n in range(1, 103)]
    lines[0] = '1,"没有关上,说明\n'
    lines[101] = '102,"关上的",说明\n'
    records, flaws, _ = careful(tmp_path, HEADER + "".join(lines))
    assert flaws == [(2, "UNCLOSED_QUOTE")]
    assert [r[0] for r in records] == [str(n) for n in range(3, 104)]
    assert records[-1] == ["103", "102", "关上的", "说明"]


def test_records_between_two_stray_quotes_are_not_swallowed(tmp_path: Path) -> None:
    columns = tuple(Column(f"c{n}", f"列{n}", "string", "VARCHAR") for n in range(6))
    path = tmp_path / "sent.csv"
    rows = [f"{n},a,b,c,d,e" for n in range(2, 9)]
    rows[1], rows[5] = '3,"a,b,c,d,e', '7,a,b",c,d,e'
    path.write_text("\n".join([",".join(c.label for c in columns), *rows]) + "\n", "utf-8")
    table = delimited.careful(path, replace(FEED, columns=columns), tmp_path)
    assert [(f.row, f.code) for f in table.flaws] == [(3, "UNCLOSED_QUOTE")]
    assert table.parts[0].rows == 6


def test_a_line_break_inside_quotes_is_one_record_at_its_first_line(tmp_path: Path) -> None:
    records, flaws, _ = careful(tmp_path, HEADER + '1,"甲\n（分公司）","a ""b"", c"\n2,乙,y\n')
    assert flaws == []
    assert records == [["2", "1", "甲\n（分公司）", 'a "b", c'], ["4", "2", "乙", "y"]]


def test_records_of_another_width_are_refused_by_themselves(tmp_path: Path) -> None:
    records, flaws, furniture = careful(tmp_path, HEADER + "1,甲\n2,乙,y,z\n\n3,丙,w\n")
    assert [r[1] for r in records] == ["3"]
    assert flaws == [(2, "FIELD_COUNT"), (3, "FIELD_COUNT")]
    assert furniture == 1


def test_titles_above_the_header_are_no_records(tmp_path: Path) -> None:
    records, flaws, furniture = careful(tmp_path, "执法检查一览表\n\n" + HEADER + "1,甲,x\n")
    assert (records, flaws, furniture) == ([["4", "1", "甲", "x"]], [], 2)


def test_a_second_header_row_of_a_csv_is_read_where_it_names_columns_of_the_contract(tmp_path: Path) -> None:
    table = read(tmp_path, "编号,检查,\n,名称,说明\n1,甲,x\n")
    assert (table.parts[0].rows, table.parts[0].match.positions) == (1, {"a": 0, "b": 1, "c": 2})


@pytest.mark.parametrize("title", ["", "执法检查一览表\n"])
def test_totals_in_a_csv_are_no_records_whether_it_is_plain_or_not(tmp_path: Path, title: str) -> None:
    table = read(tmp_path, title + HEADER + "1,甲,x\n小计,1,\n2,乙,y\n小计量器具厂,丙,z\n合计：,2,\n")
    connection = duckdb.connect(config={"threads": 1})
    text_table.load(connection, table.parts[0], "raw", (0, 0))
    found = connection.execute("select c0 from raw where not _is_furniture order by _ord").fetchall()
    assert [c for (c,) in found] == ["1", "2", "小计量器具厂"]


@pytest.mark.parametrize(
    ("content", "code", "records"),
    [
        ("", "FILE_EMPTY", 0),
        ("\n  \n", "FILE_EMPTY", 0),
        (HEADER + "1,甲,x\n2,乙", "FILE_TRUNCATED", 2),
        (HEADER + '1,甲,x\n2,乙,"说到一半', "FILE_TRUNCATED", 2),
        (HEADER + '1,甲,x\n2,乙,"说到一半\n又一行', "FILE_TRUNCATED", 2),
        ("编号,单位\n1,甲\n2,乙\n", "HEADER_MISSING", 2),
    ],
)
def test_files_that_cannot_be_trusted_are_refused_whole(tmp_path: Path, content: str, code: str, records: int) -> None:
    needed = replace(FEED, columns=tuple(replace(c, required=True) for c in COLUMNS))
    path = tmp_path / "sent.csv"
    path.write_text(content, "utf-8", newline="")
    with pytest.raises(RefusedFile) as refusal:
        delimited.read(path, needed, tmp_path)
        # a file that looks plain is refused when DuckDB's count differs, which is what sends it here
        delimited.careful(path, needed, tmp_path)
    assert refusal.value.code == code
    if code != "FILE_EMPTY":
        assert refusal.value.records == records


def test_a_gb18030_file_under_a_utf_8_contract_is_refused_by_its_encoding(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile) as refusal:
        read(tmp_path, (HEADER + "1,甲,x\n").encode("gb18030"))
    assert refusal.value.code == "FILE_ENCODING"
    assert "GB18030" in refusal.value.detail


def test_a_utf_8_file_under_a_gb18030_contract_is_refused_by_its_encoding(tmp_path: Path) -> None:
    needed = replace(FEED, columns=tuple(replace(c, required=True) for c in COLUMNS), encoding="gb18030")
    path = tmp_path / "sent.csv"
    path.write_text(HEADER + "1,甲乙,x\n", "utf-8")
    with pytest.raises(RefusedFile) as refusal:
        delimited.read(path, needed, tmp_path)
    assert refusal.value.code == "FILE_ENCODING"


def test_a_gb18030_file_cut_inside_a_character_is_truncated(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile) as refusal:
        read(tmp_path, (HEADER + "1,甲,x\n2,乙").encode("gb18030")[:-1], "gb18030")
    assert (refusal.value.code, refusal.value.records) == ("FILE_TRUNCATED", 2)


CELL = st.text(st.sampled_from('甲乙ab1," \n\r'), max_size=6)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12))
def test_what_pythons_csv_module_writes_comes_back_whole(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["编号", "名称", "说明"], *rows])
    records, flaws, _ = careful(tmp_path, text.getvalue())
    assert flaws == []
    assert [r[1:] for r in records] == rows


LINE = st.text(st.sampled_from('甲乙1," '), max_size=14)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINE, max_size=12))
def test_no_physical_line_vanishes_whatever_the_quotes(tmp_path: Path, lines: list[str]) -> None:
    content = HEADER + "".join(f"{line}\n" for line in [*lines, "9,末,行"])
    records, flaws, furniture = careful(tmp_path, content)
    spanned = sum(cell.count("\n") for record in records for cell in record[1:])
    assert len(records) + len(flaws) + furniture + spanned == len(lines) + 1
    assert records[-1][1:] == ["9", "末", "行"] or "末" in "".join(records[-1])


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.sampled_from('甲1,," '), max_size=12), max_size=8),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_duckdb_takes_for_plain_is_what_the_careful_way_reads(
    tmp_path: Path, lines: list[str], closed: bool, newline: str
) -> None:
    content = HEADER + "".join(f"{line}\n" for line in [*lines, "9,末,行"])
    path = tmp_path / "sent.csv"
    path.write_bytes((content if closed else content.rstrip("\n")).replace("\n", newline).encode("utf-8"))
    table = delimited.read(path, FEED, tmp_path)
    if table.parts[0].numbered:
        return  # told apart by the count already
    connection = duckdb.connect(config={"threads": 1})
    try:
        text_table.load(connection, table.parts[0], "raw", (0, 0))
    except text_table.CountMismatch:
        return  # left to the careful way, which other tests are about
    cells = "_row, coalesce(c0, ''), coalesce(c1, ''), coalesce(c2, '')"
    loaded = connection.execute(f"select {cells} from raw where not _is_furniture order by _ord").fetchall()
    careful_table = delimited.careful(path, FEED, tmp_path)
    with careful_table.parts[0].path.open(encoding="utf-8", newline="") as file:
        records = [(int(r[0]), *r[1:]) for r in csv.reader(file)]
    assert careful_table.flaws == ()
    assert [r for r in records if "".join(map(str, r[1:])).strip()] == loaded
