"""Arrow buffers as numpy arrays, without copies and without Arrow's compute module."""

from __future__ import annotations

from typing import Any

import numpy as np

_UINT8 = np.dtype(np.uint8)


def bits(buffer: Any, offset: int, rows: int) -> Any:
    """An Arrow bitmap as a numpy array of bool; no bitmap means true."""
    if buffer is None:
        return np.ones(rows, bool)
    return np.unpackbits(np.frombuffer(buffer, _UINT8), bitorder="little")[offset : offset + rows].astype(bool)


def integers(column: Any) -> Any:
    """An Arrow column of 64-bit integers, signed or not, without gaps as a numpy array."""
    kind = np.dtype(str(column.type))
    return np.frombuffer(column.buffers()[1], kind)[column.offset : column.offset + len(column)]
