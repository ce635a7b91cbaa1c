"""dbt's own words become check results: nothing that did not run counts as passed."""

from __future__ import annotations

import json
from pathlib import Path

from orchestration.dbt.results import read_dbt_results

MODEL = {
    "resource_type": "model",
    "name": "fct_hazard",
    "schema": "inspection",
    "config": {"meta": {"owner": "应急管理局执法处"}},
}
TEST = {
    "resource_type": "test",
    "name": "unique_fct_hazard_hazard_id",
    "column_name": "hazard_id",
    "test_metadata": {"name": "unique"},
    "attached_node": "model.jgt.fct_hazard",
    "config": {"severity": "ERROR"},
    "original_file_path": "models/marts/inspection/_inspection__models.yml",
}
MANIFEST = {"nodes": {"model.jgt.fct_hazard": MODEL, "test.jgt.unique": TEST}}


def _read(folder: Path, unique_id: str, status: str, failures: int | None = None) -> list[tuple[str, str, str]]:
    row = {"unique_id": unique_id, "status": status, "failures": failures, "message": "Got 2 results"}
    (folder / "run_results.json").write_text(json.dumps({"results": [row]}))
    return [(r.outcome, r.subject, r.owner) for r in read_dbt_results(folder, MANIFEST, "r1")]


def test_a_test_names_its_table_and_who_mends_it(tmp_path: Path) -> None:
    assert _read(tmp_path, "test.jgt.unique", "fail", 2) == [("fail", "inspection.fct_hazard", "应急管理局执法处")]


def test_a_test_that_was_skipped_or_broke_is_an_error(tmp_path: Path) -> None:
    for status in ("skipped", "error", "runtime error", "something new"):
        assert [o for o, _, _ in _read(tmp_path, "test.jgt.unique", status)] == ["error"]


def test_a_model_that_did_not_build_is_an_error_and_one_that_did_is_no_check(tmp_path: Path) -> None:
    assert [o for o, _, _ in _read(tmp_path, "model.jgt.fct_hazard", "error")] == ["error"]
    assert _read(tmp_path, "model.jgt.fct_hazard", "success") == []
