"""No model and no test compares every row of one table with every row of another: such work grows with the square.

DuckDB makes a nested-loop join of a left join whose condition holds an OR, or a word about one side alone, even beside
an equality. Read from the engine's own plans of everything that the demo city's build ran.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from orchestration.state.run_folder import last_good_link

# as many rows in a city as in a province: days, areas
OF_FIXED_SIZE = {"dim_date", "dim_district", "int_core__as_of"}
Plan = dict[str, Any]


def compared_pairs(plan: Plan, is_small: frozenset[str]) -> Iterator[str]:
    """The condition of every nested-loop join whose two sides both grow.

    Args:
        plan: DuckDB's, as JSON.
        is_small: tables of few rows, whatever the size of the city.
    """
    ctes = {p["extra_info"]["Table Index"]: p["children"][0] for p in _all(plan) if p["name"].strip() == "CTE"}

    def grows(part: Plan) -> bool:
        name, told = part["name"].strip(), part["extra_info"]
        if name == "CTE_SCAN" and told["CTE Index"] in ctes:
            return grows(ctes[told["CTE Index"]])
        if name == "UNGROUPED_AGGREGATE":
            return False  # one row
        if "Table" in told:
            return told["Table"].rsplit(".", 1)[-1].strip('"') not in is_small
        return name == "READ_PARQUET" or any(grows(child) for child in part["children"])

    for part in _all(plan):
        if part["name"].strip() == "BLOCKWISE_NL_JOIN" and all(grows(child) for child in part["children"]):
            yield str(part["extra_info"].get("Condition"))


def _all(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan["children"]:
        yield from _all(child)


def plan_of(connection: duckdb.DuckDBPyConnection, sql: str) -> Plan:
    """The physical plan of a query."""
    found = json.loads(connection.execute(f"explain (format json) {sql}").fetchall()[-1][1])
    assert isinstance(found, list)
    return {"name": "", "extra_info": {}, "children": found}


def compiled(target: Path) -> dict[str, str]:
    """Every model and data test of a build: name → the SQL that dbt sent."""
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    files = {path.name: path for path in (target / "compiled").rglob("*.sql") if path.is_file()}
    names = (Path(n["path"]).name for n in manifest["nodes"].values() if n["resource_type"] in ("model", "test"))
    return {name: files[name].read_text("utf-8") for name in names if name in files}


def test_no_node_of_the_build_compares_every_pair(published_home: Home) -> None:
    build = last_good_link(published_home).resolve()
    nodes = compiled(build / "target")
    assert len(nodes) > 300
    seeds = (build / "target" / "manifest.json").read_text("utf-8")
    small = {n["name"] for n in json.loads(seeds)["nodes"].values() if n["resource_type"] == "seed"} | OF_FIXED_SIZE
    faults, unplanned = {}, {}
    with duckdb.connect(str(build / "jgt.duckdb"), read_only=True) as connection:
        for name, sql in nodes.items():
            try:
                found = list(compared_pairs(plan_of(connection, sql), frozenset(small)))
            except duckdb.Error as error:
                unplanned[name] = str(error)
                continue
            if found:
                faults[name] = found
    assert not unplanned
    assert not faults, "把只说一边的条件移出 on，带 or 的连接先用 inner join 求出"


@pytest.mark.parametrize(
    ("sql", "is_found"),
    [
        ("select * from a left join b on a.id = b.id and a.flag", True),
        ("select * from a left join b on a.id = b.id and (b.kind is null or a.kind = b.kind)", True),
        ("with x as (select * from a where kind > 1) select * from b left join x on x.id = b.id and b.flag", True),
        ("select * from a left join b on a.id = b.id", False),
        ("select * from a join b on a.id = b.id and (b.kind is null or a.kind = b.kind)", False),
        ("select * from a left join rule on a.kind = rule.kind and a.flag", False),
    ],
)
def test_such_joins_are_found_and_others_are_not(sql: str, is_found: bool) -> None:
    with duckdb.connect() as connection:
        for table in ("a", "b", "rule"):
            connection.execute(
                f"create table {table} as select range as id, range % 9 as kind, range % 2 = 0 as flag from range(5000)"
            )
        assert bool(list(compared_pairs(plan_of(connection, sql), frozenset({"rule"})))) is is_found
