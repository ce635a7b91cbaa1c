"""Parquet files joined by their bytes hold the rows of all, whoever wrote them and whoever reads them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ingest.storage.parquet_join import NotJoinable, join

ROWS = (
    "select 'x' || i as name, case i % 3 when 0 then '甲' when 1 then '乙' end as kind, i as _row, hash(i) as _row_hash, "
    "date '2020-01-01' + (i % 5000)::int as day, (i / 3)::decimal(18, 2) as amount, i % 2 = 0 as is_even, "
    "i * 0.5 as share from range({}, {}) t(i)"
)


def by_duckdb(path: Path, query: str) -> None:
    duckdb.sql(f"copy ({query}) to '{path}' (format parquet, row_group_size 2048, kv_metadata {{row_hash: 'k'}})")


def by_arrow(path: Path, query: str) -> None:
    pq.write_table(duckdb.sql(query).to_arrow_table(), path, row_group_size=1000)


@pytest.mark.parametrize("write", [by_duckdb, by_arrow])
def test_rows_of_all_pieces_come_in_their_order(tmp_path: Path, write: object) -> None:
    pieces = []
    for number, (start, end) in enumerate([(0, 5000), (5000, 5000), (5000, 5001), (5001, 9000)]):
        pieces.append(tmp_path / f"{number}.parquet")
        write(pieces[-1], ROWS.format(start, end))  # type: ignore[operator]
    whole = tmp_path / "whole.parquet"
    join(pieces, whole)
    expected = duckdb.sql(ROWS.format(0, 9000)).fetchall()
    assert duckdb.sql(f"select * from '{whole}'").fetchall() == expected
    assert [tuple(row.values()) for row in pq.read_table(whole).to_pylist()] == expected
    # row groups are left out by their statistics and Bloom filters
    assert duckdb.sql(f"select _row from '{whole}' where name = 'x8999'").fetchall() == [(8999,)]
    assert duckdb.sql(f"select count(*) from '{whole}' where _row >= 4999").fetchall() == [(4001,)]


def test_what_the_first_footer_says_beside_its_rows_stays(tmp_path: Path) -> None:
    first, second, whole = (tmp_path / name for name in ("1.parquet", "2.parquet", "whole.parquet"))
    by_duckdb(first, ROWS.format(0, 3))
    by_duckdb(second, ROWS.format(3, 6))
    join([first, second], whole)
    kept = duckdb.sql(f"select decode(key), decode(value) from parquet_kv_metadata('{whole}')").fetchall()
    assert kept == [("row_hash", "k")]


def test_one_piece_alone_is_itself(tmp_path: Path) -> None:
    by_arrow(tmp_path / "1.parquet", ROWS.format(0, 3000))
    join([tmp_path / "1.parquet"], tmp_path / "whole.parquet")
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "1.parquet").read_bytes()


def test_other_columns_are_not_joined(tmp_path: Path) -> None:
    by_duckdb(tmp_path / "1.parquet", "select 1 as a")
    by_duckdb(tmp_path / "2.parquet", "select '1' as a")
    with pytest.raises(NotJoinable):
        join([tmp_path / "1.parquet", tmp_path / "2.parquet"], tmp_path / "whole.parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(40) + b"PAR1", b"a,b\n1,2\n"])
def test_what_is_no_parquet_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1.parquet").write_bytes(content)
    with pytest.raises(NotJoinable):
        join([tmp_path / "1.parquet"], tmp_path / "whole.parquet")
