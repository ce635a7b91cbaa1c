"""Codes on no list, and enterprises under other names: nothing is lost for either, held against the generator's truth."""

from __future__ import annotations

from typing import Any

import duckdb

from ingest.base.home import Home
from ingest.base.reasons import UNKNOWN_KEPT
from ingest.storage.ledger import Ledger


def _rows(warehouse: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_accidents_of_a_type_on_no_list_are_in_every_total(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    ours = _rows(
        warehouse,
        "select item_code, sum(accidents)::bigint as accidents, sum(deaths)::bigint as deaths"
        " from accident.rpt_accident_breakdown where dimension_code = 'accident_type' and period_kind = 'month'"
        " and area_code = '320100' group by item_code",
    )
    told = truth["marts"]["accident_type"]
    assert "unknown" in {row["item_code"] for row in told}
    assert sorted(ours, key=str) == sorted(told, key=str)
    shown = _rows(
        warehouse,
        "select distinct accident_type_name as name from accident.fct_accident where accident_type_code = '35'",
    )
    assert shown == [{"name": "未知"}]


def test_a_hazard_of_a_level_on_no_list_is_neither_major_nor_general(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    [told] = truth["marts"]["hazard_level"]
    summed = ", ".join(f"sum({name})::bigint as {name}" for name in told)
    [ours] = _rows(warehouse, f"select {summed} from inspection.agg_inspection_month where area_code = '320100'")
    assert told["unknown_level_hazards_found"]
    assert ours == told


def test_what_was_kept_with_an_unknown_code_is_on_the_ledger(published_home: Home, truth: dict[str, Any]) -> None:
    told: dict[tuple[str, str], int] = {}
    for row in truth["kept_unknown"]:
        told[row["feed"], row["column"]] = told.get((row["feed"], row["column"]), 0) + row["rows"]
    with Ledger(published_home.ledger) as ledger:
        feeds = {batch["batch_id"]: batch["feed"] for batch in ledger.batches()}
        ours: dict[tuple[str, str], int] = {}
        for change in ledger.changes():
            if change["change_kind"] == UNKNOWN_KEPT:
                place = (feeds[change["batch_id"]], change["column_name"])
                ours[place] = ours.get(place, 0) + change["rows"]
    assert ours == told


def test_a_code_never_stands_without_a_name(warehouse: duckdb.DuckDBPyConnection) -> None:
    columns: dict[str, set[str]] = {}
    for row in _rows(
        warehouse,
        "select concat(table_schema, '.', table_name) as mart, column_name from information_schema.columns",
    ):
        columns.setdefault(row["mart"], set()).add(row["column_name"])
    nameless, named = [], 0
    for mart, names in columns.items():
        for code in sorted(names):
            name = f"{code.removesuffix('_code')}_name"
            if name in names and name != code:
                named += 1
                [found] = _rows(
                    warehouse, f"select count(*) as n from {mart} where {code} is not null and {name} is null"
                )
                nameless += [(mart, code, found["n"])] if found["n"] else []
    assert named > 150
    assert nameless == []


def test_what_was_known_of_each_enterprise_and_when(
    warehouse: duckdb.DuckDBPyConnection, truth: dict[str, Any]
) -> None:
    [ours] = _rows(
        warehouse,
        "select count(*) as states, count(*) filter (where changes like '%名称%') as renamed,"
        " count(*) filter (where changes similar to '.*(所在区|街镇|住所).*') as moved,"
        " count(*) filter (where changes like '%登记状态%') as new_status from core.dim_enterprise_history",
    )
    assert ours == truth["marts"]["register"]
    assert min(ours.values()) > 5


def test_who_took_another_name_is_found_by_the_former_one(
    warehouse: duckdb.DuckDBPyConnection, published_home: Home
) -> None:
    # departments without codes go on writing the name that they know
    former = _rows(
        warehouse,
        "select distinct entity_id, former_name from core.dim_enterprise_history where changes like '%名称%'",
    )
    whose = {row["former_name"]: row["entity_id"] for row in former}
    links = duckdb.read_parquet(str(published_home.lake / "entities" / "entity_link.parquet"))
    told = links.filter("uscc is null").project("enterprise_name, outcome, entity_id").fetchall()
    found = [(outcome, entity == whose[name]) for name, outcome, entity in told if name in whose]
    assert len(found) >= 10
    assert found.count(("linked", True)) / len(found) >= 0.9, found
