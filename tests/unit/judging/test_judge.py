"""Check digits against an independent implementation, and the names of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from ingest.base.reasons import FILE_REASONS, REASONS, ROW_REASONS, worst_dimension
from ingest.feeds.check_digits import USCC_ALPHABET
from ingest.feeds.codes import code_spellings
from ingest.feeds.loading import load_feeds
from ingest.judging.judge import prepare_connection


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect()
    prepare_connection(opened, load_feeds().values())
    yield opened
    opened.close()


def holds(connection: duckdb.DuckDBPyConnection, macro: str, text: str) -> bool:
    return bool(connection.execute(f"select {macro}('{text}')").fetchall()[0][0])


def identity_number(body: str) -> str:
    """17 digits and their check character, by python-stdnum (which wants all 18 places and ignores the last)."""
    return body + str(ric.calc_check_digit(body + "0"))


CODES = st.tuples(st.text("0123456789", min_size=8, max_size=8), st.text(USCC_ALPHABET, min_size=9, max_size=9)).map(
    "".join
)


@settings(max_examples=150, deadline=None)
@given(CODES, st.sampled_from(USCC_ALPHABET))
def test_credit_codes_hold_exactly_when_gb_32100_says_so(
    connection: duckdb.DuckDBPyConnection, body: str, check: str
) -> None:
    right = body + uscc.calc_check_digit(body)
    assert holds(connection, "jgt_uscc_holds", right)
    assert holds(connection, "jgt_uscc_holds", body + check) == uscc.is_valid(body + check)


@pytest.mark.parametrize(
    "text", ["91320102MA1MX1QF8", "", "9132O102MA1MX1QF8X", "91320102IA1MX1QF81", "91320102ma1mx1qf81"]
)
def test_what_is_no_credit_code_never_holds(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert not holds(connection, "jgt_uscc_holds", text)


@settings(max_examples=150, deadline=None)
@given(st.dates(date(1900, 1, 1), date(2026, 11, 1)), st.integers(0, 999), st.sampled_from("0123456789X"))
def test_identity_numbers_hold_exactly_when_gb_11643_says_so(
    connection: duckdb.DuckDBPyConnection, born: date, order: int, check: str
) -> None:
    body = f"110101{born:%Y%m%d}{order:03d}"
    right = identity_number(body)
    assert ric.is_valid(right)
    assert holds(connection, "jgt_id_holds", right)
    assert holds(connection, "jgt_id_holds", body + check) == (body + check == right)


def test_an_identity_number_with_an_impossible_birthday_does_not_hold(connection: duckdb.DuckDBPyConnection) -> None:
    assert not holds(connection, "jgt_id_holds", identity_number("32011519900230123"))


def test_a_name_that_two_streets_bear_is_no_spelling() -> None:
    spellings = code_spellings("street")
    names: dict[str, set[str]] = {}
    for spelling, (code, _) in spellings.items():
        names.setdefault(spelling, set()).add(code)
    assert all(len(codes) == 1 for codes in names.values())
    assert spellings["320102002"] == ("320102002", False)


def test_every_reason_has_a_label_a_remedy_and_a_dimension_of_gb_t_36344() -> None:
    dimensions = {"conformity", "completeness", "accuracy", "consistency", "timeliness", "accessibility"}
    for reason in REASONS.values():
        assert reason.label and reason.remedy.endswith("。") and reason.dimension in dimensions
    assert not set(FILE_REASONS) & set(ROW_REASONS)
    assert worst_dimension(["DATE_ORDER", "REQUIRED_MISSING"]) == "completeness"
