"""Descriptions are made of label and caliber, from a column's own words or from the shared terms."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from orchestration.dbt.render_descriptions import TERMS_FILE, described, description

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
TERMS = (PROJECT / TERMS_FILE).read_text("utf-8")
MADE_UP_TERMS = "district_code: {label: 区划代码, caliber: 企业登记所在区}\nnote: {label: 备注}\n"


def _column(text: str) -> dict[str, Any]:
    model = "version: 2\nmodels:\n  - name: fct_case\n    columns:\n      - " + text
    column: dict[str, Any] = yaml.safe_load(described(model, MADE_UP_TERMS))["models"][0]["columns"][0]
    return column


def test_description_is_label_and_caliber() -> None:
    column = _column("{name: case_no, data_type: varchar, config: {meta: {label: 案号, caliber: 立案编号}}}")
    assert column["description"] == "案号：立案编号"
    assert column["config"] == {"meta": {"label": "案号", "caliber": "立案编号"}}


def test_description_without_a_caliber_is_the_label() -> None:
    assert _column("{name: case_no, data_type: varchar, config: {meta: {label: 案号}}}")["description"] == "案号"


def test_a_column_without_words_takes_the_shared_ones() -> None:
    column = _column("{name: district_code, data_type: varchar, data_tests: [not_null]}")
    assert column["description"] == "区划代码：企业登记所在区"
    assert column["config"]["meta"] == {"label": "区划代码", "caliber": "企业登记所在区"}
    assert column["data_tests"] == ["not_null"]


def test_a_shared_term_without_a_caliber_is_a_label() -> None:
    assert _column("{name: note, data_type: varchar}")["description"] == "备注"


def test_own_words_win_over_the_shared_ones() -> None:
    column = _column(
        "{name: district_code, data_type: varchar, config: {meta: {label: 区划代码, caliber: 赔付所在区}}}"
    )
    assert column["description"] == "区划代码：赔付所在区"
    alone = _column("{name: district_code, data_type: varchar, config: {meta: {label: 区划代码}}}")
    assert alone["description"] == "区划代码"


def test_an_own_caliber_takes_the_label_of_its_name() -> None:
    column = _column("{name: district_code, data_type: varchar, config: {meta: {caliber: 赔付所在区}}}")
    assert column["description"] == "区划代码：赔付所在区"


def test_other_settings_of_a_column_are_kept() -> None:
    column = _column("{name: district_code, data_type: varchar, config: {tags: [area], meta: {personal: false}}}")
    assert column["config"]["tags"] == ["area"]
    assert column["config"]["meta"]["personal"] is False
    assert column["config"]["meta"]["label"] == "区划代码"


def test_a_description_that_is_written_out_is_kept() -> None:
    column = _column("{name: case_no, data_type: varchar, description: 见注, config: {meta: {label: 案号}}}")
    assert column["description"] == "见注"


def test_a_column_that_is_not_published_takes_no_shared_words() -> None:
    assert _column("{name: district_code, data_tests: [unique]}") == {"name": "district_code", "data_tests": ["unique"]}


def test_seeds_and_sources_are_completed_too() -> None:
    column = "[{name: code, config: {meta: {label: 代码}}}]"
    text = f"seeds: [{{name: a, columns: {column}}}]\nsources: [{{name: b, tables: [{{name: c, columns: {column}}}]}}]"
    document = yaml.safe_load(described(text, MADE_UP_TERMS))
    assert document["seeds"][0]["columns"][0]["description"] == "代码"
    assert document["sources"][0]["tables"][0]["columns"][0]["description"] == "代码"


def test_a_file_that_lacks_nothing_stays_as_it_is_written() -> None:
    for text in (
        "# a note\nversion: 2\nmodels: [{name: stg_tip, description: 举报}]\n",
        "unit_tests: [{name: at_the_bound, model: fct_case, given: []}]\n",
        "name: jgt\nmodels:\n  jgt:\n    +materialized: view\n",
        "",
    ):
        assert described(text, MADE_UP_TERMS) == text


def _columns_of_project(complete: bool) -> list[tuple[str, dict[str, Any]]]:
    columns = []
    for path in sorted((PROJECT / "models").rglob("*.yml")):
        text = path.read_text("utf-8")
        document = yaml.load(described(text, TERMS) if complete else text, Loader=yaml.CSafeLoader)
        for model in document.get("models") or ():
            columns += [(f"{model['name']}.{column['name']}", column) for column in model.get("columns") or ()]
    return columns


def test_every_published_column_has_a_label_and_a_description() -> None:
    published = [(name, column) for name, column in _columns_of_project(complete=True) if "data_type" in column]
    assert len(published) > 1900
    for name, column in published:
        meta = column.get("config", {}).get("meta", {})
        assert meta.get("label"), f"{name}: no label of its own and none in {TERMS_FILE}"
        assert column["description"] == description(meta["label"], meta.get("caliber")), name


def test_no_text_of_a_column_stands_twice() -> None:
    terms = yaml.safe_load(TERMS)
    used: Counter[str] = Counter()
    for name, column in _columns_of_project(complete=False):
        own = column.get("config", {}).get("meta", {})
        term = terms.get(column["name"], {})
        assert "description" not in column, f"{name}: the description is made from label and caliber"
        assert not own or own != term, f"{name}: {TERMS_FILE} says the same"
        used[column["name"]] += "data_type" in column and "label" not in own
    assert not [name for name in terms if used[name] < 2], "a shared term is for names that recur"


def test_terms_are_in_order_and_have_a_label_and_a_caliber_alone() -> None:
    terms = yaml.safe_load(TERMS)
    assert list(terms) == sorted(terms)
    assert all("label" in term and set(term) <= {"label", "caliber"} for term in terms.values())
