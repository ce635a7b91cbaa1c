"""Portable SQL: what runs on one engine alone is found; what both know is left in peace."""

from __future__ import annotations

import pytest

from orchestration.dev.portable_sql import findings


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("select a from t qualify row_number() over (partition by a order by b nulls last) = 1", "QUALIFY"),
        ("select * exclude (a) from t", "EXCLUDE"),
        ("select date_diff('day', a, b) from t", "date_diff"),
        ("select strftime(a, '%Y') from t", "strftime"),
        ("select a from t where regexp_matches(b, '[0-9]')", "regexp_matches"),
        (r"select a from t where b like '\d'", "[0-9]"),
        ("select [a, b] as pair from t", "list, struct or map"),
        ("select {'x': a} as pair from t", "list, struct or map"),
        ("select row_number() over (partition by a order by b) from t", "NULLS"),
    ],
)
def test_what_one_engine_alone_knows_is_found(sql: str, word: str) -> None:
    assert any(word in finding for finding in findings(sql)), list(findings(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "select max_by(a, b) from t",
        "select count(*) filter (where a > 1) from {{ ref('stg_inspection') }}",
        "select row_number() over (partition by a order by b desc nulls last) from t",
        "{{ unite_subject('inspection') }}",
        "select {{ day_difference('a', 'b') }} as days from t -- date_diff( is what the macro is for",
        "select 'qualify' as word from t",
    ],
)
def test_what_both_engines_know_is_left_in_peace(sql: str) -> None:
    assert list(findings(sql)) == []


def test_every_model_of_the_project_is_portable() -> None:
    from orchestration.dev.portable_sql import MODELS

    models = sorted(MODELS.rglob("*.sql"))
    assert models
    assert {p.name: list(findings(p.read_text("utf-8"))) for p in models if list(findings(p.read_text("utf-8")))} == {}
