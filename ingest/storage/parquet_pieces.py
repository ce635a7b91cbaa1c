"""A lake file in pieces: rows that went the fast lane are compressed while they are typed, all others follow.

DuckDB hands its rows over as Arrow batches and pyarrow writes each as a row group: between the two a row can still be left
out. A table of all rows in between cost 0.5 CPU-s and 0.35 GB a million rows more (2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.storage.lake import COMPRESSION_LEVEL, HASH_KIND, ROW_GROUP_ROWS, Lineage

_SAMPLE_ROWS = 4096
_PAGE_ROWS = 1 << 14
# they stay in the processor's cache from DuckDB to the writer; six make a row group
BATCH_ROWS = ROW_GROUP_ROWS // 6
_EPOCH = date(1970, 1, 1)
# Arrow's own pool gives back to the system what the next row group asks for again: 0.1 CPU-s a million rows (2026-11)
pa.set_memory_pool(pa.system_memory_pool())


class PieceWriter:
    """Writes batches of rows as a Parquet file with the columns of a lake file, a row group for as many rows as came in one's size.

    Args:
        path: the file to write.
        hash_kind: of the rows' fingerprints (`judging.hash_kind`).
        lineage: what all rows say; `sheet` too. None where the batches hold it.
        sheet: of the part.
    """

    def __init__(self, path: Path, hash_kind: str, lineage: Lineage | None = None, sheet: str = "") -> None:
        self._path, self._hash_kind = path, hash_kind
        self._lineage, self._sheet = lineage, sheet
        self._writer: Any = None
        self._held: list[Any] = []
        self._came = 0  # rows since the last row group, also those that were left out
        self.rows = 0
        self.present: dict[str, int] = {}  # column → rows that have a value

    def __enter__(self) -> PieceWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held and kind is None:
            self._flush()
        if self._writer is not None:
            self._writer.add_key_value_metadata({HASH_KIND: self._hash_kind})
            self._writer.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def write(self, batch: Any, wanted: Any = None) -> None:
        """Add a batch: the contract's columns, `_row` and `_row_hash`; where no lineage was given, all of a lake file.

        Args:
            batch: the rows.
            wanted: numpy array of bool, which of them; all if left out.
        """
        came = batch.num_rows
        rows = came if wanted is None else int(wanted.sum())
        if rows:
            if rows < came:
                batch = pa.concat_batches(_between(batch, wanted))
            if self._lineage is not None:
                batch = _with_lineage(batch, self._lineage, self._sheet)
            self._held.append(batch)
            self.rows += rows
        self._came += came
        if self._held and self._came >= ROW_GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        """Write what is held as a row group."""
        table = pa.Table.from_batches(self._held)
        for name, column in zip(table.schema.names, table.columns, strict=True):
            self.present[name] = self.present.get(name, 0) + len(column) - column.null_count
        self._held, self._came = [], 0
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._path,
                table.schema,
                compression="zstd",
                compression_level=COMPRESSION_LEVEL,
                use_dictionary=_worth_a_dictionary(table),
                write_statistics=_ordered(table.schema),
                write_batch_size=_PAGE_ROWS,
                store_schema=False,
            )
        self._writer.write_table(table, row_group_size=ROW_GROUP_ROWS)


def batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[Any]:
    """The rows of a query, in its order, as Arrow batches.

    Raises:
        duckdb.Error: also where the reading itself fails, which Arrow reports as errors of its own.
    """
    reader = connection.execute(query).to_arrow_reader(BATCH_ROWS)
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise duckdb.Error(str(error)) from None
        yield batch


def _between(batch: Any, wanted: Any) -> list[Any]:
    """A batch without some of its rows, as slices of it; Arrow's own filter takes longer, and 0.03 CPU-s to import (2026-11)."""
    import numpy

    out = numpy.flatnonzero(~wanted)
    starts, ends = [0, *(out + 1).tolist()], [*out.tolist(), len(wanted)]
    return [batch.slice(start, end - start) for start, end in zip(starts, ends, strict=True) if start < end]


def _with_lineage(batch: Any, lineage: Lineage, sheet: str) -> Any:
    given = [name for name in batch.schema.names if name not in ("_row", "_row_hash")]
    rows = batch.num_rows
    columns = {
        **{name: batch.column(name) for name in given},
        "_batch_id": _repeated(lineage.batch_id, rows),
        "_batch_seq": _number(lineage.batch_seq, rows, pa.int64()),
        "_file": _repeated(lineage.file, rows),
        "_sheet": _repeated(sheet, rows),
        "_row": batch.column("_row"),
        "_row_hash": batch.column("_row_hash"),
        "_received_on": _number((lineage.received_on - _EPOCH).days, rows, pa.date32()),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


# made of buffers: pa.array and pa.scalar look for pandas, whose import takes 0.5 CPU-s (2026-11)
def _number(value: int, rows: int, kind: Any) -> Any:
    import numpy

    width = numpy.int64 if kind == pa.int64() else numpy.int32
    return pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(numpy.full(rows, value, width))])


def _repeated(text: str, rows: int) -> Any:
    return pa.DictionaryArray.from_arrays(_number(0, rows, pa.int32()), _texts([text]), safe=False)


def _texts(texts: Sequence[str]) -> Any:
    import numpy

    written = [text.encode() for text in texts]
    ends = numpy.cumsum([0, *map(len, written)], dtype=numpy.int32)
    return pa.Array.from_buffers(pa.string(), len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(written))])


def _worth_a_dictionary(table: Any) -> list[str]:
    """Columns whose first values repeat; told from the rows alone, so that the same rows give the same bytes."""
    sample = table.slice(0, _SAMPLE_ROWS)
    return [name for name in sample.schema.names if _repeats(sample.column(name))]


def _repeats(column: Any) -> bool:
    """Whether half of a column's numbers or days, or three of four of its texts, have an equal elsewhere in the column.

    Numbered documents of which two or three have the same number are smaller and sooner written as they are (2026-11).
    """
    if pa.types.is_dictionary(column.type) or len(column) < 64:
        return True
    if not (pa.types.is_primitive(column.type) and column.type.bit_width >= 8):
        asked = column.slice(0, len(column) // 4)  # each becomes an object of Python's
        return len(set(asked.to_pylist())) * 4 <= len(asked)
    import numpy

    from ingest.base import arrow

    first = column.chunk(0)
    present, values = first.buffers()
    width = column.type.bit_width // 8
    numbers = numpy.frombuffer(values, f"u{width}")[first.offset : first.offset + len(first)]
    numbers = numbers[arrow.bits(present, first.offset, len(first))]  # what stands where there is none is anything
    return len(numpy.unique(numbers)) * 2 <= len(numbers)


def _ordered(schema: Any) -> list[str]:
    """Columns whose least and greatest values are written: of text nobody asks for them, and they took 0.15 CPU-s a million rows."""
    return [f.name for f in schema if pa.types.is_primitive(f.type) and f.name != "_row_hash"]


def with_codes(batch: Any, codes: Mapping[str, Sequence[str]]) -> Any:
    """A batch some columns of which are places in a list, from 0, with the codes that stand there.

    No code is made text once a row, nor looked up when it is written.

    Args:
        batch: the rows.
        codes: column → the list; a code may be in it more than once.
    """
    if not codes:
        return batch
    columns = {name: batch.column(name) for name in batch.schema.names}
    columns |= {name: _coded(columns[name], listed) for name, listed in codes.items()}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _coded(column: Any, codes: Sequence[str]) -> Any:
    """Places of one or two bytes as codes; whatever stands where there is none is some place."""
    import numpy

    distinct = sorted(set(codes))
    numbers = {code: number for number, code in enumerate(distinct)}
    kind = numpy.dtype(str(column.type))
    places = numpy.zeros(1 << 8 * kind.itemsize, numpy.int32)
    places[: len(codes)] = [numbers[code] for code in codes]
    present, values = column.buffers()
    found = places[numpy.frombuffer(values, kind)[: column.offset + len(column)]]
    indices = pa.Array.from_buffers(pa.int32(), len(column), [present, pa.py_buffer(found)], offset=column.offset)
    return pa.DictionaryArray.from_arrays(indices, _texts(distinct), safe=False)


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path, hash_kind: str) -> int:
    """Write a query's rows, all columns of a lake file, as a piece; returns how many there are."""
    with PieceWriter(path, hash_kind) as piece:
        for batch in batches(connection, query):
            piece.write(batch)
    return piece.rows
