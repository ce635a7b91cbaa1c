-- One row per month × assessed area: total points out of 100, rank, grade, and whether it was vetoed.
-- Equal totals share a rank. A veto caps the grade and leaves points and rank as they are.
with
    judged as (
        select
            scores.*,
            indicators.veto_effect = 'grade_cap'
            and coalesce(scores.value >= indicators.target_value, false) as is_veto,
            concat(
                indicators.period_name,
                '发生',
                indicators.indicator_name,
                ' ',
                {{ value_text("scores.value", "indicators.unit") }}
            ) as veto_text
        from {{ ref("fct_assessment_score") }} as scores
        join {{ ref("dim_indicator") }} as indicators on indicators.indicator_code = scores.indicator_code
    ),

    totals as (
        select
            month_start,
            area_code,
            area_name,
            area_order,
            rule_version,
            sum(points) as total_points,
            count(*) filter (where status = 'measured') as measured_indicators,
            count(*) as indicators,
            count(*) filter (where is_veto) > 0 as is_vetoed,
            {{ sorted_list("case when is_veto then veto_text end", "；") }} as veto_reason
        from judged
        group by month_start, area_code, area_name, area_order, rule_version
    ),

    grades as (
        select totals.month_start, totals.area_code, max(bands.min_points) as min_points
        from totals
        join
            {{ ref("assessment_grade") }} as bands
            on bands.rule_version = totals.rule_version
            and totals.total_points >= bands.min_points
            and (not totals.is_vetoed or bands.is_veto_cap)
        group by totals.month_start, totals.area_code
    )

select
    totals.month_start,
    totals.area_code,
    totals.area_name,
    totals.area_order,
    cast(totals.total_points as decimal(8, 2)) as total_points,
    cast(
        rank() over (partition by totals.month_start order by totals.total_points desc nulls last) as bigint
    ) as ranking,
    grade.grade_code,
    grade.grade_name,
    totals.is_vetoed,
    totals.veto_reason,
    cast(totals.measured_indicators as bigint) as measured_indicators,
    cast(totals.indicators as bigint) as indicators,
    totals.rule_version
from totals
join grades on grades.month_start = totals.month_start and grades.area_code = totals.area_code
join
    {{ ref("assessment_grade") }} as grade
    on grade.rule_version = totals.rule_version
    and grade.min_points = grades.min_points
