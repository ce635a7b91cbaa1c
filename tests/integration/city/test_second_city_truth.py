"""The same totals as truth.json has them in another city: another size, another seed, a day that ends a quarter.

The tests are those of `test_city_truth` and `test_code_truth`; only the city is another, so nothing holds for one scale or one day alone.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from ingest.base.home import Home
from ingest.synthetic.city import truth_folder
from orchestration.lookup.connection import connect
from tests.integration.city.test_city_truth import (  # noqa: F401  (collected here again, with this module's city)
    test_accidents_by_month_area_and_domain,
    test_accidents_that_do_not_count_are_kept_and_marked,
    test_credit_colours_of_the_last_month,
    test_events_that_count_in_the_last_month_and_the_sum_of_all_scores,
    test_every_file_came_out_as_the_truth_says,
    test_every_refusal_has_the_planted_reason,
    test_every_repair_is_recorded,
    test_every_row_is_accounted_for_as_the_truth_says,
    test_facts_hold_as_many_rows_as_there_are,
    test_inspections_hazards_and_penalties_by_month,
    test_rectification_ratio_of_the_city_is_the_true_one,
    test_tips_and_work_orders_come_to_the_last_word_on_each,
    test_who_must_be_insured_and_who_is,
    test_who_must_be_off_a_credit_list_and_is,
)
from tests.integration.city.test_code_truth import (  # noqa: F401
    test_a_code_never_stands_without_a_name,
    test_a_hazard_of_a_level_on_no_list_is_neither_major_nor_general,
    test_accidents_of_a_type_on_no_list_are_in_every_total,
    test_what_was_kept_with_an_unknown_code_is_on_the_ledger,
    test_what_was_known_of_each_enterprise_and_when,
)

SCALE, SEED, AS_OF = 0.003, 23, "2026-06-30"


@pytest.fixture(scope="module")
def published_home(
    tmp_path_factory: pytest.TempPathFactory, jgt: Callable[..., subprocess.CompletedProcess[str]]
) -> Home:
    home = Home(tmp_path_factory.mktemp("second_city") / "home")
    made = jgt(home, "synth", "--scale", str(SCALE), "--seed", str(SEED), "--as-of", AS_OF)
    assert made.returncode == 0, made.stdout + made.stderr
    ran = jgt(home, "run", "--date", AS_OF)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return home


@pytest.fixture(scope="module")
def warehouse(published_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(published_home)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def truth(published_home: Home) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((truth_folder(published_home.landing) / "truth.json").read_text("utf-8"))
    return told


def test_it_is_another_city_on_another_day(truth: dict[str, Any]) -> None:
    assert (truth["scale"], truth["seed"], truth["as_of"]) == (SCALE, SEED, AS_OF)
