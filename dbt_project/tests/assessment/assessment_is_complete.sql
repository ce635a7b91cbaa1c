-- What must be scored is scored: 24 months × (districts + functional zones) × indicators, counted without the index
-- model. Returns a row when the numbers differ.
with
    expected as (
        select 24 * areas.areas * indicators.indicators as scores
        from (select count(*) as areas from {{ ref("dim_district") }} where area_level <> 'city') as areas
        cross join
            (
                select count(*) as indicators
                from {{ ref("assessment_indicator") }}
                where rule_version = '{{ var("assessment_rule_version", "demo_2026_v1") }}'
            ) as indicators
    ),

    actual as (select count(*) as scores from {{ ref("fct_assessment_score") }})

select expected.scores as expected_scores, actual.scores as actual_scores
from expected
cross join actual
where expected.scores <> actual.scores
