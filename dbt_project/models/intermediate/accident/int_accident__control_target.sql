-- One row per year, area, scope and indicator that has a control target (控制指标): the target of the whole year, as sent
-- down or from the year before; null where that year is not known whole. The one place where targets are worked out:
-- the control report and the assessment both read it.
with
    history as (
        select {{ month_start("min(occurred_on)") }} as history_start from {{ ref("int_accident__control_event") }}
    ),

    measured_year as (
        select distinct
            cast(extract(year from month_start) as bigint) as year_number,
            cast(date_trunc('year', month_start) as date) as year_start
        from {{ ref("int_core__measuring_month") }}
    ),

    yearly as (
        select
            area_code,
            scope_code,
            indicator_code,
            cast(extract(year from occurred_on) as bigint) as year_number,
            sum(amount) as amount
        from {{ ref("int_accident__control_event") }}
        group by area_code, scope_code, indicator_code, cast(extract(year from occurred_on) as bigint)
    )

select
    measured_year.year_number,
    target.area_code,
    target.scope_code,
    target.indicator_code,
    target.method,
    cast(
        case
            when target.method = 'fixed'
            then target.target_value
            when history.history_start <= {{ add_months("measured_year.year_start", -12) }}
            then greatest({{ half_up("coalesce(yearly.amount, 0) * target.ratio", 0) }}, target.minimum_value)
        end as bigint
    ) as year_target,
    target.rule_version,
    target.source
from measured_year
inner join
    {{ ref("accident_control_target") }} as target
    on measured_year.year_number >= target.year_from
    and measured_year.year_number <= target.year_to
cross join history
left join
    yearly
    on target.area_code = yearly.area_code
    and target.scope_code = yearly.scope_code
    and target.indicator_code = yearly.indicator_code
    and measured_year.year_number = yearly.year_number + 1
where target.rule_version = '{{ var("accident_control_version") }}'
