"""The ledger, the lake, the facts and the aggregates: every record is accounted for, or it is said which is not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.base.home import Home
from quality.lake_files import verify_lake
from quality.outcome import CheckResult, blocks_publishing
from quality.reconciliation import reconcile_build, reconcile_ledger
from tests.support.small_warehouse import deliver, small_feed

FEEDS = {"yjgl.hazard": small_feed()}
AGGREGATE = "reconciliation.aggregate.inspection.agg_inspection_month.hazards_found"
CITY = "reconciliation.city.inspection.agg_inspection_month.hazards_found"
FACT = "reconciliation.fact.inspection.fct_hazard"
STAGING = "reconciliation.staging.inspection.fct_hazard"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def outcomes(results: list[CheckResult]) -> dict[str, str]:
    return {r.check_id: r.outcome for r in results}


def hazard_build(path: Path, hazards: int = 3, city: int = 3, district: int = 3) -> Path:
    """A build with three hazards, two of them in the functional zone 320190."""
    with duckdb.connect(str(path)) as connection:
        for schema in ("staging", "core", "inspection"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table core.dim_district as select * from (values ('320100', 'city'), ('320111', 'district'), "
            "('320190', 'functional_zone')) t(area_code, area_level)"
        )
        connection.execute(f"create table staging.stg_hazard as select i from range({hazards}) r(i)")
        connection.execute(
            "create table inspection.fct_hazard as select 'H' || i as hazard_id, 'yjgl' as department_code, "
            "date '2026-11-01' as month_start, '320111' as district_code, "
            f"case when i < 2 then '320190' end as functional_zone_code from range({hazards}) r(i)"
        )
        connection.execute(
            "create table inspection.agg_inspection_month as select date '2026-11-01' as month_start, "
            "'yjgl' as department_code, * from (values "
            f"('320100', 'city', {city}), ('320111', 'district', {district}), ('320190', 'functional_zone', 2)) "
            "t(area_code, area_level, hazards_found)"
        )
    return path


def test_a_balanced_ledger_passes(home: Home) -> None:
    deliver(home, received=6, loaded=3, refused=2, duplicate=1)
    assert outcomes(reconcile_ledger(home, FEEDS, "r")) == {"reconciliation.ledger.yjgl.hazard": "pass"}


def test_one_row_that_vanished_is_named_with_its_file(home: Home) -> None:
    deliver(home)
    deliver(home, number=2, received=4)
    (found,) = reconcile_ledger(home, FEEDS, "r")
    assert found.outcome == "fail"
    assert "f2.csv：收到 4，入库 3，拒收 0，重复 0" in found.message
    assert blocks_publishing([found])


def test_two_errors_that_cancel_out_are_both_found(home: Home) -> None:
    deliver(home, received=4)
    deliver(home, number=2, received=2)
    (found,) = reconcile_ledger(home, FEEDS, "r")
    assert found.unexpected_count == 2


def test_a_refused_file_must_not_have_loaded_rows(home: Home) -> None:
    deliver(home, status="refused")
    (found,) = reconcile_ledger(home, FEEDS, "r")
    assert found.outcome == "fail"


def test_without_a_ledger_nothing_passes(home: Home) -> None:
    for results in (reconcile_ledger(home, FEEDS, "r"), verify_lake(home, FEEDS, "r")):
        assert [r.outcome for r in results] == ["error"]
        assert blocks_publishing(results)


def test_a_whole_lake_passes(home: Home) -> None:
    deliver(home)
    assert set(outcomes(verify_lake(home, FEEDS, "r")).values()) == {"pass"}


def test_one_flipped_bit_in_the_lake_is_caught(home: Home) -> None:
    path = deliver(home)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0b0000_0100
    path.write_bytes(content)
    found = outcomes(verify_lake(home, FEEDS, "r"))
    assert found["reconciliation.lake.yjgl.hazard.sha256"] == "fail"


def test_a_file_that_is_gone_or_strange_is_caught(home: Home) -> None:
    path = deliver(home)
    path.rename(path.with_name("stranger.parquet"))
    found = outcomes(verify_lake(home, FEEDS, "r"))
    assert found["reconciliation.lake.yjgl.hazard.present"] == "fail"
    assert found["reconciliation.lake.yjgl.hazard.strangers"] == "fail"


def test_rows_that_the_ledger_does_not_know_are_caught(home: Home) -> None:
    deliver(home, received=2, loaded=2)
    found = outcomes(verify_lake(home, FEEDS, "r"))
    assert found["reconciliation.lake.yjgl.hazard.rows"] == "fail"


def test_a_lake_file_that_is_no_parquet_is_an_error_and_not_a_pass(home: Home) -> None:
    path = deliver(home)
    path.write_bytes(b"PAR1 broken")
    found = outcomes(verify_lake(home, FEEDS, "r"))
    assert found["reconciliation.lake.yjgl.hazard.rows"] == "error"


def test_lake_facts_and_aggregates_that_agree_pass(home: Home, tmp_path: Path) -> None:
    deliver(home)
    found = outcomes(reconcile_build(home, FEEDS, hazard_build(tmp_path / "jgt.duckdb"), "r"))
    assert {c: found[c] for c in (STAGING, FACT, AGGREGATE, CITY)} == dict.fromkeys(
        (STAGING, FACT, AGGREGATE, CITY), "pass"
    )


def test_a_fact_that_lost_a_record_fails(home: Home, tmp_path: Path) -> None:
    deliver(home)
    results = reconcile_build(home, FEEDS, hazard_build(tmp_path / "jgt.duckdb", hazards=2, city=2, district=2), "r")
    found = {r.check_id: r for r in results}
    assert (found[STAGING].outcome, found[FACT].outcome) == ("fail", "fail")
    assert "数据湖 3 个主键，inspection.fct_hazard 2 行" in found[FACT].message


def test_a_city_that_is_not_the_sum_of_its_districts_fails(home: Home, tmp_path: Path) -> None:
    deliver(home)
    results = reconcile_build(home, FEEDS, hazard_build(tmp_path / "jgt.duckdb", city=4), "r")
    found = {r.check_id: r for r in results}
    assert (found[AGGREGATE].outcome, found[CITY].outcome) == ("fail", "fail")
    assert "2026-11：全市 4，各区 3，未分区 0" in found[CITY].message


def test_a_missing_table_is_an_error_that_blocks(home: Home, tmp_path: Path) -> None:
    deliver(home)
    results = reconcile_build(home, FEEDS, hazard_build(tmp_path / "jgt.duckdb"), "r")
    missing = next(r for r in results if r.check_id == "reconciliation.fact.insurance.fct_policy")
    assert missing.outcome == "error"
    assert blocks_publishing([missing])


def test_a_missing_build_file_is_an_error(home: Home, tmp_path: Path) -> None:
    deliver(home)
    assert [r.outcome for r in reconcile_build(home, FEEDS, tmp_path / "none.duckdb", "r")] == ["error"]
