"""Check digits looked at many at a time let through what the standards' own implementation does, and nothing else."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ingest.base.arrow import bits
from ingest.judging.fast_lane_codes import sound

SOUND_USCC = ["91320102MA1MX1QF8" + uscc.calc_check_digit("91320102MA1MX1QF8"), "12320100466002714" + "D"]
SOUND_USCC[1] = SOUND_USCC[1][:17] + uscc.calc_check_digit(SOUND_USCC[1][:17])
BORN = ["110101199003071", "320102200002291", "320102201312311"]
SOUND_ID = [b + "22" + str(ric.calc_check_digit(b + "220")) for b in BORN]
ODD = [
    "",
    "无",
    "9132",
    SOUND_USCC[0].lower(),
    SOUND_USCC[0] + "1",
    "９１３２０１０２ＭＡ",
    "江" * 6,
    "0" * 18,
    "?" * 18,
]


def one_wrong(code: str) -> st.SearchStrategy[str]:
    """A code with one character exchanged, perhaps for itself."""
    place = st.integers(0, 17)
    character = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZxz?")
    return st.tuples(place, character).map(lambda found: code[: found[0]] + found[1] + code[found[0] + 1 :])


def codes(right: list[str]) -> st.SearchStrategy[list[str | None]]:
    wrong = st.sampled_from(right).flatmap(one_wrong)
    return st.lists(st.one_of(st.none(), st.sampled_from(ODD), st.sampled_from(right), wrong), max_size=40)


@settings(max_examples=60, deadline=None)
@given(codes(SOUND_USCC), st.integers(0, 3))
def test_unified_codes(given_codes: list[str | None], skipped: int) -> None:
    column = pa.array(given_codes, pa.string())[skipped:]
    expected = [c is None or (len(c) == 18 and c == c.upper() and uscc.is_valid(c)) for c in given_codes[skipped:]]
    assert sound(column, "gb32100").tolist() == expected


@settings(max_examples=60, deadline=None)
@given(codes(SOUND_ID), st.integers(0, 3))
def test_identity_numbers_let_through_are_valid(given_codes: list[str | None], skipped: int) -> None:
    column = pa.array(given_codes, pa.string())[skipped:]
    for code, holds in zip(given_codes[skipped:], sound(column, "gb11643").tolist(), strict=True):
        assert not holds or code is None or (len(code) == 18 and code == code.upper() and ric.is_valid(code)), code


def test_right_identity_numbers_are_let_through() -> None:
    assert sound(pa.array(SOUND_ID), "gb11643").all()


def test_a_bitmap_of_a_slice() -> None:
    column = pa.array([True, False, True, True, False, True, False, False, True, False])[3:]
    assert bits(column.buffers()[1], column.offset, len(column)).tolist() == column.to_pylist()
    assert bits(None, 0, 2).tolist() == [True, True]
