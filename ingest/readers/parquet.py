"""Parquet, as pulls land: every column as text, read by DuckDB itself."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.base.reasons import RefusedFile
from ingest.base.sql import identifier, literal, memory_connection
from ingest.feeds.headers import match
from ingest.feeds.model import Feed
from ingest.readers.table import TextPart, TextTable

MAX_COLUMNS = 2000


def read(path: Path, feed: Feed, scratch: Path) -> TextTable:
    """Read a Parquet file; a record's row is its place in the file, from 1.

    Args:
        path: the archived file.
        feed: its contract.
        scratch: folder for the text.

    Raises:
        RefusedFile: FILE_UNREADABLE (also for nested columns), or HEADER_MISSING.
    """
    source = f"read_parquet({literal(path)})"
    try:
        with memory_connection("1GB", scratch) as connection:
            described = connection.execute(f"describe select * from {source}").fetchall()
            names, kinds = [d[0] for d in described], [str(d[1]) for d in described]
            nested = [
                n for n, k in zip(names, kinds, strict=True) if k.endswith("]") or k.startswith(("STRUCT", "MAP"))
            ]
            if nested or len(names) > MAX_COLUMNS:
                raise RefusedFile("FILE_UNREADABLE", f"Parquet 有嵌套列或列数过多：{'、'.join(nested[:5])}")
            rows = connection.execute(f"select count(*) from {source}").fetchall()[0][0]
            found = match(feed, names)
            if found.missing:
                labels = "、".join(label for _, label in found.missing)
                raise RefusedFile("HEADER_MISSING", f"缺少：{labels}", rows, len(found.positions) > 1)
            text = scratch / "columns.parquet"
            quoted = (identifier(name) for name in names)
            cells = ", ".join(
                f"{_as_text(name, kind)} as c{place}"
                for place, (name, kind) in enumerate(zip(quoted, kinds, strict=True))
            )
            connection.execute(
                f"copy (select {cells} from {source}) to {literal(text)} (format parquet, compression snappy)"
            )
    except duckdb.Error as error:
        # DuckDB's message may quote a value
        raise RefusedFile("FILE_UNREADABLE", f"Parquet 打不开（{type(error).__name__}）") from None
    return TextTable((TextPart(text, tuple(names), found, ",", 1, False, rows, kind="parquet"),))


def _as_text(name: str, kind: str) -> str:
    # bytes that are text: writers without a schema leave the annotation off
    return f"decode({name})" if kind == "BLOB" else f"cast({name} as varchar)"
