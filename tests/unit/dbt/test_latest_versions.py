"""The macros that pick and exchange latest versions, as they stand in dbt_project/macros, on whatever departments may send:
building on what was carried over gives what building from nothing gives.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
from hypothesis import given, settings
from hypothesis import strategies as st

MACROS = Path(__file__).resolve().parents[3] / "dbt_project" / "macros"
KEY = ["department_code", "id"]
RETURN = re.compile(r"\{% macro (\w+)\(\) -%\}\s*\{\{ return\((.*?)\) \}\}\s*\{%- endmacro %\}", re.DOTALL)

# few values of each, so that keys, moments, batches and rows meet again and again; a batch number counts per feed
version = st.tuples(
    st.sampled_from(["yjgl", "szrx"]),
    st.sampled_from(["甲", "乙", "丙"]),
    st.sampled_from(["2026-11-01", "2026-11-02", None]),
    st.booleans(),
)
batches = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["1月", "2月"]), st.lists(version, max_size=6)), min_size=1, max_size=6
)


def macros(**given_names: Any) -> Any:
    """The module of the macros under test; what dbt would provide is given."""
    text = (MACROS / "versions.sql").read_text("utf-8")
    [order] = [ast.literal_eval(value) for name, value in RETURN.findall(text) if name == "version_order"]
    text = RETURN.sub("", text)
    stubs = {"version_order": lambda: order, "config": lambda **_: "", "exchange_rows": lambda: "delete+insert"}
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    return environment.from_string(text, globals={**stubs, **given_names}).make_module()


def exchange(connection: duckdb.DuckDBPyConnection, seen: Sequence[str], unseen: Sequence[str]) -> None:
    """What dbt does with an incremental model whose strategy is delete+insert: `known` becomes what it should be."""

    found = SimpleNamespace(rows=[(batch,) for batch in unseen])
    made = macros(is_incremental=lambda: bool(seen), run_query=lambda _: found, this="known")
    connection.execute(f"create or replace table sent as {made.last_sent('staged', KEY)}")
    if not seen:
        connection.execute("create table known as from sent")
        return
    same = " and ".join(f"sent.{column} = known.{column}" for column in KEY)
    connection.execute(f"delete from known using sent where {same}")
    connection.execute("insert into known from sent")


@settings(max_examples=40, deadline=None)
@given(batches, st.integers(1, 3))
def test_days_built_one_on_the_other_are_what_all_of_them_are_at_once(
    sent: list[tuple[int, str, list[tuple[str, str, str | None, bool]]]], at_a_time: int
) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "create table staged (department_code varchar, id varchar, _version_at timestamp, _is_withdrawn boolean, "
            "_batch_seq bigint, _row bigint, _batch_id varchar, _sheet varchar)"
        )
        ids: list[str] = []
        for start in range(0, len(sent), at_a_time):
            new = [f"b{start + place}" for place in range(len(sent[start : start + at_a_time]))]
            for batch_id, (seq, sheet, rows) in zip(new, sent[start : start + at_a_time], strict=True):
                for number, row in enumerate(rows):
                    # rows count per sheet: two of one batch may bear the same number
                    place = (seq, number // 2, batch_id, sheet if number % 2 else "3月")
                    connection.execute(f"insert into staged values ({', '.join('?' * 8)})", [*row, *place])
            exchange(connection, ids, new)
            ids += new
        whole = macros(is_incremental=lambda: False, run_query=None, this="").last_sent("staged", KEY)
        by_hand = connection.execute("from known order by all").fetchall()
        assert by_hand == connection.execute(f"from ({whole}) order by all").fetchall()
        assert len({row[:2] for row in by_hand}) == len(by_hand)


def test_the_later_version_is_by_its_own_time_then_by_arrival_and_what_has_no_time_is_earliest() -> None:
    made = macros(is_incremental=lambda: False, run_query=None, this="")
    with duckdb.connect() as connection:
        connection.execute(
            "create table staged as from (values "
            "('yjgl', '时间', '2', 9, 9, 'b', ''), ('yjgl', '时间', '3', 1, 1, 'a', '对'), "
            "('yjgl', '批次', '2', 1, 9, 'b', ''), ('yjgl', '批次', '2', 2, 1, 'a', '对'), "
            "('yjgl', '行', '2', 1, 1, 'b', ''), ('yjgl', '行', '2', 1, 2, 'a', '对'), "
            "('yjgl', '无时间', null, 9, 9, 'b', ''), ('yjgl', '无时间', '1', 1, 1, 'a', '对')"
            ") as t(department_code, id, _version_at, _batch_seq, _row, _batch_id, _sheet)"
        )
        found = connection.execute(f"select id, _sheet from ({made.latest_version('staged', KEY)})").fetchall()
    assert sorted(found) == sorted((key, "对") for key in ("时间", "批次", "行", "无时间"))
