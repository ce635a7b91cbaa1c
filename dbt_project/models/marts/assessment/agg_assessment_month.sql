-- One row per month × assessed area: total points out of 100, rank, grade, and whether it was vetoed.
-- Equal totals share a rank. A veto caps the grade and leaves points and rank as they are. An area of which too little
-- could be measured (assessment_rule_set) has no total and no rank: a few indicators must not stand for all of them.
with
    judged as (
        select
            score.*,
            indicators.veto_effect = 'grade_cap' and coalesce(score.value >= indicators.target_value, false) as is_veto,
            concat(
                indicators.period_name,
                '发生',
                indicators.indicator_name,
                ' ',
                {{ value_text("score.value", "indicators.unit") }}
            ) as veto_text
        from {{ ref("fct_assessment_score") }} as score
        join {{ ref("dim_indicator") }} as indicators on indicators.indicator_code = score.indicator_code
    ),

    totals as (
        select
            month_start,
            area_code,
            area_name,
            area_order,
            rule_version,
            sum(points) as points,
            coalesce(sum(case when status = 'measured' then weight end), 0) as measured_weight,
            count(*) filter (where status = 'measured') as measured_indicators,
            count(*) as indicators,
            count(*) filter (where is_veto) > 0 as is_vetoed,
            {{ sorted_list("case when is_veto then veto_text end", "；") }} as veto_reason
        from judged
        group by month_start, area_code, area_name, area_order, rule_version
    ),

    rated as (
        select
            totals.*,
            case when totals.measured_weight >= rule_set.minimum_measured_weight then totals.points end as total_points
        from totals
        join {{ ref("assessment_rule_set") }} as rule_set on rule_set.rule_version = totals.rule_version
    ),

    grades as (
        select rated.month_start, rated.area_code, max(band.min_points) as min_points
        from rated
        join
            {{ ref("assessment_grade") }} as band
            on band.rule_version = rated.rule_version
            and (rated.total_points >= band.min_points or band.is_veto_cap)
            and (rated.total_points is not null or rated.is_vetoed)
            and (not rated.is_vetoed or band.is_veto_cap)
        group by rated.month_start, rated.area_code
    )

select
    rated.month_start,
    rated.area_code,
    rated.area_name,
    rated.area_order,
    cast(rated.total_points as decimal(8, 2)) as total_points,
    case
        when rated.total_points is not null
        then cast(rank() over (partition by rated.month_start order by rated.total_points desc nulls last) as bigint)
    end as ranking,
    coalesce(grade.grade_code, 'not_rated') as grade_code,
    coalesce(grade.grade_name, '暂不评定') as grade_name,
    rated.is_vetoed,
    rated.veto_reason,
    cast(rated.measured_indicators as bigint) as measured_indicators,
    cast(rated.indicators as bigint) as indicators,
    cast(rated.measured_weight as decimal(8, 2)) as measured_weight,
    rated.rule_version
from rated
left join grades on grades.month_start = rated.month_start and grades.area_code = rated.area_code
left join
    {{ ref("assessment_grade") }} as grade
    on grade.rule_version = rated.rule_version
    and grade.min_points = grades.min_points
