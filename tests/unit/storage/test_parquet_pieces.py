"""Batches become a piece of a lake file with every row that is wanted, whatever the batches' sizes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ingest.storage import parquet_pieces
from ingest.storage.lake import Lineage

LINEAGE = Lineage("b", 1, "甲.csv", date(2026, 11, 20))


def batch(start: int, rows: int) -> pa.RecordBatch:
    """Rows numbered from `start`; every third one has no name."""
    names = [f"名{i}" if i % 3 else None for i in range(start, start + rows)]
    numbers = np.arange(start, start + rows)
    columns = {
        "name": pa.array(names, pa.string()),
        "_row": pa.array(numbers),
        "_row_hash": pa.array(numbers, pa.uint64()),
    }
    return pa.RecordBatch.from_pydict(columns)


@pytest.mark.parametrize("left_out", [0, 3, 500])  # none; as slices of the batch; as a copy of it
def test_a_piece_holds_the_wanted_rows_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: int
) -> None:
    monkeypatch.setattr(parquet_pieces, "ROW_GROUP_ROWS", 3000)
    path, expected = tmp_path / "piece.parquet", []
    with parquet_pieces.PieceWriter(path, "kind", LINEAGE, "表1") as piece:
        for start in range(0, 7000, 1000):
            wanted = np.ones(1000, bool)
            wanted[np.linspace(0, 999, left_out, dtype=int)] = False
            wanted[:] &= start != 4000  # a batch without any row that is wanted
            piece.write(batch(start, 1000), wanted)
            expected += [(f"名{i}" if i % 3 else None, i) for i in (np.flatnonzero(wanted) + start).tolist()]
    assert duckdb.sql(f"select name, _row from '{path}'").fetchall() == expected
    assert piece.rows == len(expected)
    assert duckdb.sql(f"select distinct _batch_id, _file, _sheet, _received_on from '{path}'").fetchall() == [
        ("b", "甲.csv", "表1", date(2026, 11, 20))
    ]
    assert duckdb.sql(f"select count(distinct row_group_id) from parquet_metadata('{path}')").fetchone() == (3,)


def test_no_row_that_is_wanted_leaves_no_file(tmp_path: Path) -> None:
    with parquet_pieces.PieceWriter(tmp_path / "piece.parquet", "kind", LINEAGE) as piece:
        piece.write(batch(0, 10), np.zeros(10, bool))
    assert piece.rows == 0
    assert not (tmp_path / "piece.parquet").exists()


@pytest.mark.parametrize(("kind", "codes"), [(pa.uint8(), 7), (pa.uint16(), 3000)])
def test_places_in_a_list_are_written_as_its_codes(tmp_path: Path, kind: pa.DataType, codes: int) -> None:
    listed = [f"代码{i // 2:05}" for i in range(codes)]  # two spellings a code
    places = [None if i % 5 == 0 else i % codes for i in range(4000)]
    rows = batch(0, 4000).append_column("code", pa.array(places, kind)).slice(7)
    path = tmp_path / "piece.parquet"
    with parquet_pieces.PieceWriter(path, "kind", LINEAGE) as piece:
        piece.write(parquet_pieces.with_codes(rows, {"code": listed}))
    found = duckdb.sql(f"select code from '{path}'").fetchall()
    assert found == [(None if place is None else listed[place],) for place in places[7:]]
    assert str(duckdb.sql(f"select code from '{path}'").types[0]) == "VARCHAR"
