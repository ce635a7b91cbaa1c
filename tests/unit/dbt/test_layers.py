"""The three rules of who may read whom in dbt_project, from the refs of its SQL and the meta of its YAML; no dbt call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"
# a domain reads those of a lower rank; quality looks at all of them
RANKS = {"core": 0, "accident": 1, "inspection": 1, "credit": 2, "insurance": 3, "assessment": 4, "quality": 5}
READS_LEAVES = {"assessment", "quality"}
_COMMENT = re.compile(r"\{#.*?#\}|^\s*--[^\n]*$", re.DOTALL | re.MULTILINE)
_REF = re.compile(r"""\bref\(\s*["'](\w+)["']\s*\)""")
_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?\{%-?\s*endmacro", re.DOTALL)
_CALL = re.compile(r"\b(\w+)\(")


@dataclass(frozen=True)
class Model:
    """A model of intermediate or marts: where it lies, what it reads (by macros too), what its YAML declares."""

    name: str
    layer: str
    domain: str
    reads: frozenset[str]
    second_door: str
    reads_upward: dict[str, str]

    @property
    def is_leaf(self) -> bool:
        return self.name.startswith(("agg_", "rpt_"))


def _code(path: Path) -> str:
    return _COMMENT.sub("", path.read_text("utf-8"))


def _reads(text: str, macros: dict[str, str]) -> frozenset[str]:
    """What SQL refers to, itself or through the macros it calls."""
    seen: set[str] = set()
    waiting = [text]
    found: set[str] = set()
    while waiting:
        code = waiting.pop()
        found.update(_REF.findall(code))
        called = (set(_CALL.findall(code)) & macros.keys()) - seen
        seen |= called
        waiting += [macros[name] for name in called]
    return frozenset(found)


def _declared(project: Path) -> dict[str, dict[str, Any]]:
    metas = {}
    for path in (project / "models").rglob("*.yml"):
        document = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
        for model in document.get("models") or ():
            metas[model["name"]] = (model.get("config") or {}).get("meta") or {}
    return metas


def models_of(project: Path) -> dict[str, Model]:
    """The models of intermediate and marts by name."""
    macros = {
        found[1]: found[0] for path in (project / "macros").rglob("*.sql") for found in _MACRO.finditer(_code(path))
    }
    metas = _declared(project)
    models = {}
    for layer in ("intermediate", "marts"):
        for path in sorted((project / "models" / layer).glob("*/*.sql")):
            meta = metas.get(path.stem, {})
            models[path.stem] = Model(
                path.stem,
                layer,
                path.parent.name,
                _reads(_code(path), macros),
                str(meta.get("second_door") or ""),
                dict(meta.get("reads_upward") or {}),
            )
    return models


def violations(models: dict[str, Model]) -> list[str]:
    """Every read that breaks one of the three rules, and every declaration that nothing needs any more."""
    found = []
    through_doors = set()
    for model in models.values():
        upward = set()
        for name in sorted(model.reads & models.keys()):
            read = models[name]
            if read.domain == model.domain:
                continue
            if read.layer == "intermediate":
                through_doors.add(name)
                if not read.second_door:
                    found.append(f"{model.name} reads {name}, which is no mart and no second door of {read.domain}")
            if RANKS[read.domain] >= RANKS[model.domain]:
                upward.add(name)
                if not model.reads_upward.get(name):
                    found.append(f"{model.name} ({model.domain}) reads {name} ({read.domain}) and does not declare it")
            if read.is_leaf and model.domain not in READS_LEAVES:
                found.append(f"{model.name} reads {name}, a leaf of {read.domain}")
        found += [
            f"{model.name} declares {name}, which it does not read" for name in model.reads_upward.keys() - upward
        ]
    for model in models.values():
        if model.second_door and model.name not in through_doors:
            found.append(f"{model.name} is declared a second door that nobody goes through")
    return found


def test_the_project_keeps_the_three_rules() -> None:
    models = models_of(PROJECT)
    assert len(models) > 150
    assert violations(models) == []


def test_the_rules_name_every_domain() -> None:
    assert {model.domain for model in models_of(PROJECT).values()} == set(RANKS)


def _project(folder: Path, models: dict[str, str], yaml_text: str = "models: []\n", macros: str = "") -> list[str]:
    for name, sql in models.items():
        path = folder / "models" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sql, "utf-8")
    (folder / "macros" / "deep").mkdir(parents=True)
    (folder / "macros" / "deep" / "made_up.sql").write_text(macros, "utf-8")
    (folder / "models" / "_made_up.yml").write_text(yaml_text, "utf-8")
    return violations(models_of(folder))


SCORE = {"intermediate/credit/int_credit__score": "select 1", "marts/credit/fct_credit_score": "select 1"}


def test_another_domain_reads_marts(tmp_path: Path) -> None:
    premium = {"marts/insurance/fct_premium": "select * from {{ ref('fct_credit_score') }}"}
    assert _project(tmp_path, SCORE | premium) == []


def test_an_intermediate_model_of_another_domain_is_not_read(tmp_path: Path) -> None:
    premium = {"marts/insurance/fct_premium": 'select * from {{ standing(ref( "int_credit__score" )) }}'}
    [found] = _project(tmp_path, SCORE | premium)
    assert found == "fct_premium reads int_credit__score, which is no mart and no second door of credit"


def test_a_second_door_is_read_and_needs_a_reason(tmp_path: Path) -> None:
    premium = {"marts/insurance/fct_premium": "select * from {{ ref('int_credit__score') }}"}
    door = "models: [{name: int_credit__score, config: {meta: {second_door: %s}}}]\n"
    assert _project(tmp_path / "with", SCORE | premium, door % "of today alone") == []
    assert len(_project(tmp_path / "without", SCORE | premium, door % "''")) == 1


def test_a_door_that_nobody_uses_is_closed(tmp_path: Path) -> None:
    door = "models: [{name: int_credit__score, config: {meta: {second_door: of today alone}}}]\n"
    assert _project(tmp_path, SCORE, door) == ["int_credit__score is declared a second door that nobody goes through"]


def test_a_domain_does_not_read_upward_or_sideways(tmp_path: Path) -> None:
    models = {
        "marts/inspection/fct_plan": "select * from {{ ref('fct_credit_score') }}",
        "marts/accident/fct_cause": "select * from {{ ref('fct_plan') }}",
    }
    assert _project(tmp_path, SCORE | models) == [
        "fct_cause (accident) reads fct_plan (inspection) and does not declare it",
        "fct_plan (inspection) reads fct_credit_score (credit) and does not declare it",
    ]


def test_a_declared_upward_read_stands_as_long_as_it_is_read(tmp_path: Path) -> None:
    text = "models: [{name: dim_enterprise, config: {meta: {reads_upward: {fct_credit_score: its colour}}}}]\n"
    card = {"marts/core/dim_enterprise": "select * from {{ ref('fct_credit_score') }}"}
    assert _project(tmp_path / "read", SCORE | card, text) == []
    card = {"marts/core/dim_enterprise": "select 1 -- nothing\n-- {{ ref('fct_credit_score') }}"}
    [found] = _project(tmp_path / "unread", SCORE | card, text)
    assert found == "dim_enterprise declares fct_credit_score, which it does not read"


def test_leaves_are_read_by_assessment_and_quality_alone(tmp_path: Path) -> None:
    reads = "select * from {{ ref('agg_inspection_month') }}"
    models = {
        "marts/inspection/agg_inspection_month": "select 1",
        "marts/inspection/rpt_inspection": reads,
        "marts/assessment/fct_value": reads,
        "marts/quality/rpt_balance": reads,
        "marts/insurance/fct_premium": reads,
    }
    assert _project(tmp_path, models) == ["fct_premium reads agg_inspection_month, a leaf of inspection"]


def test_a_read_through_a_macro_counts(tmp_path: Path) -> None:
    macros = (
        "{% macro scored() -%} {{ inner() }} {%- endmacro %}\n"
        "{% macro inner() -%} select * from {{ ref('int_credit__score') }} {%- endmacro %}\n"
    )
    premium = {"marts/insurance/fct_premium": "{{ scored() }}"}
    assert len(_project(tmp_path, SCORE | premium, macros=macros)) == 1
