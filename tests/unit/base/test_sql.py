"""Whatever a department writes is one literal and one name, and nothing more."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.base.sql import identifier, insert, literal, memory_connection, path_list

TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return memory_connection()


@given(TEXT)
def test_text_comes_back_as_it_was(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert connection.execute(f"select {literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (1, "1"), (1.5, "1.5"), ("it's", "'it''s'"), (Path("a/b"), "'a/b'")],
)
def test_values_are_literals_of_their_kind(value: object, text: str) -> None:
    assert literal(value) == text


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1))
def test_any_header_can_name_a_column(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    assert connection.execute(f"select 1 as {identifier(name)}").description[0][0] == name


def test_paths_are_a_list_that_reading_takes(tmp_path: Path) -> None:
    names = [tmp_path / "it's.csv", tmp_path / "b.csv"]
    for path in names:
        path.write_text("a\n1\n", "utf-8")
    with memory_connection() as connection:
        assert connection.execute(f"select count(*) from read_csv({path_list(names)})").fetchall() == [(2,)]


def test_rows_are_inserted_as_they_are(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [("它's", 1, None), ('"', None, True)]
    connection.execute("create or replace temp table t (a varchar, b bigint, c boolean)")
    insert(connection, "t", ("varchar", "bigint", "boolean"), [])
    insert(connection, "t", ("varchar", "bigint", "boolean"), rows)
    assert connection.execute("select * from t").fetchall() == rows


def test_settings_reach_the_engine(tmp_path: Path) -> None:
    with memory_connection("300MB", tmp_path, threads=1) as connection:
        asked = "select current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory')"
        assert connection.execute(asked).fetchall() == [(1, "286.1 MiB", str(tmp_path))]
