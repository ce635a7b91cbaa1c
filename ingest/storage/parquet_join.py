"""Parquet files of one schema made into one by their bytes: row groups as they are, the footers as one.

Row groups of a lake file are compressed once, while the rows are typed; those that the judge let pass come after them.
pyarrow appends to no file and DuckDB neither. A footer is a struct in Thrift's compact protocol:
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, and what it holds is named in
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_MAGIC = b"PAR1"
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)  # of 16, 32 and 64 bits, written alike

# field id → (type, value); fields keep their order
_Struct = dict[int, tuple[int, Any]]

# of FileMetaData
_SCHEMA, _ROWS, _ROW_GROUPS = 2, 3, 4
# of RowGroup
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7
# of ColumnChunk: where its own metadata, its offset index and its column index lie
_META, _CHUNK_PLACES = 3, (2, 4, 6)
# of ColumnMetaData: where data, index and dictionary pages and the Bloom filter lie
_PLACES = (9, 10, 11, 14)


class NotJoinable(ValueError):
    """Not Parquet files, or of different columns."""


def join(pieces: Sequence[Path], target: Path) -> None:
    """Write the rows of all pieces, one piece after the other, into one Parquet file.

    Args:
        pieces: Parquet files with the same schema; what else the first one's footer says holds for the whole.
        target: the file to write; none of the pieces.

    Raises:
        NotJoinable: when a piece is no Parquet file, or has other columns than the first.
    """
    whole: _Struct = {}
    groups: list[_Struct] = []
    rows = 0
    with target.open("wb") as out:
        out.write(_MAGIC)
        for piece in pieces:
            with piece.open("rb") as source:
                footer, end = _footer(source)
                whole = whole or footer
                if footer[_SCHEMA] != whole[_SCHEMA]:
                    raise NotJoinable(f"{piece.name}: other columns than {pieces[0].name}")
                shift = out.tell() - len(_MAGIC)
                groups += [_moved(group, shift, len(groups)) for group in footer[_ROW_GROUPS][1][1]]
                rows += footer[_ROWS][1]
                source.seek(len(_MAGIC))
                _copy(source, out, end - len(_MAGIC))
        kind = whole[_ROWS][0]
        whole = {**whole, _ROWS: (kind, rows), _ROW_GROUPS: (_LIST, (_STRUCT, groups))}
        written = bytearray()
        _write_struct(written, whole)
        out.write(bytes(written) + len(written).to_bytes(4, "little") + _MAGIC)


def _copy(source: BinaryIO, out: BinaryIO, length: int) -> None:
    """Copy that many bytes."""
    block_bytes = 1 << 14  # more at once costs the kernel more: `landing.hashed_copy`
    while length > block_bytes:
        out.write(source.read(block_bytes))
        length -= block_bytes
    out.write(source.read(length))


def _moved(group: _Struct, shift: int, before: int) -> _Struct:
    """A row group that lies so many bytes further on, after so many others."""
    kind, (item, columns) = group[_COLUMNS]
    moved = {**group, _COLUMNS: (kind, (item, [_moved_chunk(column, shift) for column in columns]))}
    if _ORDINAL in moved:
        moved[_ORDINAL] = (moved[_ORDINAL][0], before)
    return _shifted(moved, (_GROUP_OFFSET,), shift)


def _moved_chunk(column: _Struct, shift: int) -> _Struct:
    kind, meta = column[_META]
    return _shifted({**column, _META: (kind, _shifted(meta, _PLACES, shift))}, _CHUNK_PLACES, shift)


def _shifted(struct: _Struct, places: tuple[int, ...], shift: int) -> _Struct:
    """Offsets of 0 mean that there is none."""
    moved = {p: (struct[p][0], struct[p][1] + shift) for p in places if p in struct and struct[p][1] > 0}
    return {**struct, **moved}


def _footer(file: BinaryIO) -> tuple[_Struct, int]:
    """A file's footer, and where it begins."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 8))
    end = file.read()
    length = int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or length + 12 > size:
        raise NotJoinable("no Parquet file")
    start = size - 8 - length
    file.seek(start)
    try:
        return _Reading(file.read(length)).struct(), start
    except (IndexError, KeyError) as error:
        raise NotJoinable("no footer that can be read") from error


@dataclass
class _Reading:
    """Reads values of the compact protocol one after the other."""

    data: bytes
    at: int = 0

    def struct(self) -> _Struct:
        found: _Struct = {}
        number = 0
        while head := self._byte():
            kind = head & 15
            number = number + (head >> 4) if head >> 4 else self._integer()
            found[number] = (kind, self._value(kind) if kind > _FALSE else None)
        return found

    def _value(self, kind: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            head = self._byte()
            length = head >> 4 if head >> 4 < 15 else self._varint()
            return head & 15, [self._value(head & 15) for _ in range(length)]
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._bytes(1)
        raise KeyError(kind)  # a map: Parquet's footers have none

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _bytes(self, length: int) -> bytes:
        self.at += length
        if self.at > len(self.data):
            raise IndexError
        return self.data[self.at - length : self.at]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)


def _write_struct(out: bytearray, struct: _Struct) -> None:
    before = 0
    for number, (kind, value) in struct.items():
        step = number - before
        if 0 < step < 16:
            out.append(step << 4 | kind)
        else:
            out.append(kind)
            _write_integer(out, number)
        before = number
        if kind > _FALSE:
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in _INTEGERS:
        _write_integer(out, value)
    elif kind == _STRUCT:
        _write_struct(out, value)
    elif kind in (_LIST, _SET):
        item, values = value
        out.append(min(len(values), 15) << 4 | item)
        if len(values) >= 15:
            _write_varint(out, len(values))
        for each in values:
            _write_value(out, item, each)
    else:
        if kind == _BINARY:
            _write_varint(out, len(value))
        out += value


def _write_integer(out: bytearray, value: int) -> None:
    _write_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)


def _write_varint(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
