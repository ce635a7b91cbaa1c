"""A reader's text comes into the tables of text whole and in order, whether the reader wrote CSV or Parquet."""

import os
import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.feeds.headers import HeaderMatch
from ingest.intake.session import connected
from ingest.judging import text_table
from ingest.readers.table import TextPart, write_numbered

NO_MATCH = HeaderMatch({}, (), (), (), {})
ROWS = [(3, "张三", ""), (4, 'a"b', "x,y"), (6, "合计", "7")]


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def part(path: Path, rows: int, **more) -> TextPart:
    return TextPart(path, ("姓名", "备注"), NO_MATCH, ",", 3, rows=rows, **{"numbered": True, **more})


def as_csv(folder: Path) -> TextPart:
    path = folder / "a.csv"
    write_numbered(path, [(row, cells) for row, *cells in ROWS])
    return part(path, 3, sheet="一", has_furniture=True)


def as_parquet(connection, folder: Path, numbered: bool = True, **more) -> TextPart:
    path = folder / "a.parquet"
    values = ", ".join(f"({row}, '{a}', '{b}')" for row, a, b in ROWS)
    row = "_row, " if numbered else ""
    connection.execute(f"copy (select {row}c0, c1 from (values {values}) t(_row, c0, c1)) to '{path}' (format parquet)")
    return part(path, 3, kind="parquet", numbered=numbered, **more)


def test_csv_and_parquet_of_the_same_rows_are_the_same_text(connection, tmp_path):
    text_table.load(connection, as_csv(tmp_path), "raw_0", (0, 0))
    text_table.load(connection, as_parquet(connection, tmp_path, sheet="一", has_furniture=True), "raw_1", (0, 0))
    rows = connection.execute("select * from raw_1").fetchall()
    assert rows == connection.execute("select * from raw_0").fetchall()
    assert rows == [
        (0, 0, 1, 3, "一", False, "张三", None),
        (0, 0, 2, 4, "一", False, 'a"b', "x,y"),
        (0, 0, 3, 6, "一", True, "合计", "7"),
    ]


def test_rows_of_an_unnumbered_parquet_follow_its_first_row(connection, tmp_path):
    text_table.load(connection, as_parquet(connection, tmp_path, numbered=False), "raw_0", (2, 1))
    assert connection.execute("select _file, _part, _ord, _row from raw_0").fetchall() == [
        (2, 1, 1, 3),
        (2, 1, 2, 4),
        (2, 1, 3, 5),
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_another_number_of_records_than_the_reader_counted_adds_nothing(connection, tmp_path, kind):
    found = as_csv(tmp_path) if kind == "csv" else as_parquet(connection, tmp_path)
    text_table.load(connection, found, "raw_0", (0, 0))
    with pytest.raises(text_table.CountMismatch):
        text_table.load(connection, part(found.path, 4, kind=kind), "raw_0", (1, 0))
    assert connection.execute("select count(*) from raw_0").fetchone() == (3,)


def test_a_damaged_parquet_is_a_mismatch_not_a_crash(connection, tmp_path):
    found = as_parquet(connection, tmp_path)
    found.path.write_bytes(found.path.read_bytes()[:-20])
    with pytest.raises(text_table.CountMismatch):
        text_table.load(connection, found, "raw_0", (0, 0))


def test_a_file_written_anew_under_the_same_name_is_never_read_from_a_cache(tmp_path: Path) -> None:
    chance, path = random.Random(7), tmp_path / "sheet0.parquet"
    with connected(tmp_path) as connection:
        for number in range(150):
            path.unlink(missing_ok=True)
            cells = [f"{number}-{place}-{'x' * chance.choice([3, 3, 4])}" for place in range(chance.choice([5, 6, 40]))]
            pq.write_table(pa.table({"c0": cells}), path)
            os.utime(path, ns=(10**18, 10**18))  # all within one tick of the clock
            read = connection.execute(f"select c0 from read_parquet('{path}')").fetchall()
            assert [cell for (cell,) in read] == cells
