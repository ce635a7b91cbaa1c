"""Check digits of many codes at once, on the bytes of an Arrow column: the judge's macros a code at a time cost 1.1 CPU-s a
million rows, this 0.05 (2026-11).

May be stricter than the macros, never laxer: a code that does not pass here is the judge's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ingest.base import arrow
from ingest.feeds.check_digits import ID_WEIGHTS, USCC_ALPHABET, USCC_WEIGHTS

_LENGTH = 18
_NONE = 255
_UINT8 = np.dtype(np.uint8)


def _values(alphabet: str) -> bytes:
    """Byte → its place in the alphabet."""
    values = bytearray([_NONE]) * 256
    for place, byte in enumerate(alphabet.encode()):
        values[byte] = place
    return bytes(values)


_OF_USCC = _values(USCC_ALPHABET)
_OF_ID = _values("0123456789X")  # X stands for 10
# 29 February is left to the judge in any year that is no leap year
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.uint16)


def _looked_up(codes: Any, values: bytes) -> Any:
    """Bytes as their values; numpy would make an index of eight bytes of each."""
    return np.frombuffer(codes.tobytes().translate(values), _UINT8).reshape(codes.shape)


def _uscc(codes: Any) -> Any:
    """GB 32100-2015: all 18 characters, each with its weight, come to a multiple of 31."""
    # one character of all codes after the other: half the cost (2026-11)
    values = np.ascontiguousarray(_looked_up(codes, _OF_USCC).T)
    total = values[17].astype(np.uint16)
    for place, weight in enumerate(USCC_WEIGHTS):
        total += values[place] * np.uint16(weight)
    return (values != _NONE).all(axis=0) & (values[2:8] <= 9).all(axis=0) & (total % 31 == 0)


def _identity_number(codes: Any) -> Any:
    """GB 11643-1999: ISO 7064 MOD 11-2 over 17 digits that hold a real birth date."""
    values = _looked_up(codes, _OF_ID).astype(np.uint16)
    total = values[:, 17].copy()
    for place, weight in enumerate(ID_WEIGHTS):
        total += values[:, place] * np.uint16(weight)
    year = values[:, 6:10] @ np.array([1000, 100, 10, 1], np.uint16)
    month, day = values[:, 10] * 10 + values[:, 11], values[:, 12] * 10 + values[:, 13]
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    is_date = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _DAYS[np.minimum(month, 12)])
    is_date &= (month != 2) | (day <= 28) | is_leap
    digits = (values[:, :17] <= 9).all(axis=1) & (values[:, 17] <= 10) & (values[:, 0] >= 1) & (year >= 1800)
    return digits & is_date & (total % 11 == 1)


_CHECKS: Mapping[str, Callable[[Any], Any]] = {"gb32100": _uscc, "gb11643": _identity_number}


def sound(column: Any, rule: str) -> Any:
    """Which values of a column of text keep a rule, or are missing.

    Args:
        column: Arrow array of strings.
        rule: as contracts name it.

    Returns:
        A numpy array of bool.
    """
    rows = len(column)
    present = arrow.bits(column.buffers()[0], column.offset, rows)
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + rows + 1]
    text = np.frombuffer(column.buffers()[2] or b"", _UINT8)
    asked = present & (np.diff(ends) == _LENGTH)
    starts = ends[:-1][asked]
    if len(starts) * _LENGTH == int(ends[-1]) - int(ends[0]):  # nothing between them
        codes = text[ends[0] : ends[-1]].reshape(len(starts), _LENGTH)
    else:
        codes = text[starts[:, None] + np.arange(_LENGTH)]
    holds = ~present
    holds[asked] = _CHECKS[rule](codes)
    return holds
