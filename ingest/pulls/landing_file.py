"""A pull as a file in the landing: Parquet of text columns, complete or not there at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.base.files import fsync, settle
from ingest.feeds.file_names import pulled_prefix

if TYPE_CHECKING:
    import pyarrow as pa

# row groups of this size keep both writing and DuckDB's reading within some tens of MB
_GROUP_ROWS = 120_000


class LandingFile:
    """Writes a pull batch by batch under a name that arrivals pass over; `land` gives it its own.

    Args:
        folder: the feed's folder in the landing.
        name: of the finished file.
        note: told in the file itself; makes two pulls of the same rows two files, so that each counts as a delivery.
    """

    def __init__(self, folder: Path, name: str, note: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / name
        self._partial = folder / f".{name}.part"
        self._note = note
        self._names: list[str] = []
        self._waiting: list[pa.Table] = []
        self._writer: object | None = None
        self.rows = 0

    def begin(self, names: Sequence[str]) -> None:
        """Open the file with these columns; also a pull without rows has them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(name, pa.string()) for name in names], metadata=self._note)
        self._names = list(names)
        self._writer = pq.ParquetWriter(self._partial, schema, compression="zstd", compression_level=1)
        self._partial.chmod(0o600)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; columns that the file does not have yet are added to it, empty for the rows before."""
        import pyarrow as pa

        new = [name for name in batch.schema.names if name not in self._names]
        if new:
            self._widen(new)
        given = dict(zip(batch.schema.names, batch.columns, strict=True))
        empty = pa.nulls(batch.num_rows, pa.string())
        table = pa.table({name: pa.array(given.get(name, empty), pa.string()) for name in self._names})
        self._waiting.append(table)
        self.rows += batch.num_rows
        if sum(t.num_rows for t in self._waiting) >= _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._waiting:
            assert isinstance(self._writer, pq.ParquetWriter)
            self._writer.write_table(pa.concat_tables(self._waiting))
            self._waiting = []

    def _widen(self, new: Sequence[str]) -> None:
        """Write the file anew with more columns: an interface may show a field first on its tenth page."""
        import pyarrow.parquet as pq

        self._flush()
        assert isinstance(self._writer, pq.ParquetWriter)
        self._writer.close()
        before = self._partial.with_suffix(".before.part")
        self._partial.rename(before)
        rows = self.rows
        self.begin([*self._names, *new])
        with pq.ParquetFile(before) as former:
            for batch in former.iter_batches(_GROUP_ROWS):
                self.write(batch)
        self.rows = rows
        before.unlink()

    def finish(self) -> Path:
        """Close the file and make it durable, still under its passing name; returns that."""
        import pyarrow.parquet as pq

        self._flush()
        assert isinstance(self._writer, pq.ParquetWriter)
        self._writer.close()
        self._writer = None
        fsync(self._partial)
        return self._partial

    def land(self) -> Path:
        """Give the finished file its name."""
        settle(self._partial, self.path)
        return self.path

    def drop(self) -> None:
        """Leave nothing of an unfinished file."""
        if self._writer is not None:
            with suppress(Exception):
                self._writer.close()  # type: ignore[attr-defined]
        for left in self.path.parent.glob(f".{self.path.stem}*.part"):
            left.unlink()


def remove_left_over(folder: Path, label: str, server: str) -> None:
    """Remove what a killed pull of this server left unfinished."""
    for left in folder.glob(f".{pulled_prefix(label, server)}*.part"):
        left.unlink()
