-- What must be scored is scored: 24 months × (districts + functional zones) × indicators, and a total for each of those
-- months and areas, counted without the index model. Returns a row for each number that differs.
with
    areas as (select count(*) as areas from {{ ref("dim_district") }} where area_level <> 'city'),

    indicators as (
        select count(*) as indicators
        from {{ ref("assessment_indicator") }}
        where rule_version = '{{ var("assessment_rule_version", "demo_2026_v1") }}'
    ),

    compared as (
        select
            'scores' as what,
            24 * areas.areas * indicators.indicators as expected_rows,
            (select count(*) from {{ ref("fct_assessment_score") }}) as actual_rows
        from areas
        cross join indicators
        union all
        select
            'totals' as what,
            24 * areas.areas as expected_rows,
            (select count(*) from {{ ref("agg_assessment_month") }}) as actual_rows
        from areas
    )

select what, expected_rows, actual_rows
from compared
where expected_rows <> actual_rows
