-- One row per month, area, scope (a domain, a group of industries, or all) and indicator that has a control target
-- (控制指标): used from January to that month against the target of the year. Scopes overlap and are never added.
with
    history as (
        select {{ month_start("min(occurred_on)") }} as history_start from {{ ref("int_accident__control_event") }}
    ),

    -- months of the history whose year began within it: a year to date needs January
    month as (
        select
            measuring.month_start,
            measuring.measured_on,
            cast(date_trunc('year', measuring.month_start) as date) as year_start,
            extract(year from measuring.month_start) as year_number
        from {{ ref("int_core__measuring_month") }} as measuring
        cross join history
        where history.history_start <= cast(date_trunc('year', measuring.month_start) as date)
    ),

    used as (
        select
            month.month_start, event.area_code, event.scope_code, event.indicator_code, sum(event.amount) as used_value
        from month
        inner join
            {{ ref("int_accident__control_event") }} as event
            on event.occurred_on >= month.year_start
            and event.occurred_on <= month.measured_on
        group by month.month_start, event.area_code, event.scope_code, event.indicator_code
    ),

    judged as (
        select
            month.month_start,
            month.measured_on,
            target.area_code,
            target.scope_code,
            target.indicator_code,
            target.method,
            target.year_target,
            target.rule_version,
            target.source,
            cast(coalesce(used.used_value, 0) as bigint) as used_value,
            cast({{ days_between("month.year_start", "month.measured_on") }} + 1 as double) / cast(
                {{ days_between("month.year_start", add_months("month.year_start", 12)) }} as double
            ) as elapsed_share
        from month
        inner join {{ ref("int_accident__control_target") }} as target on month.year_number = target.year_number
        left join
            used
            on month.month_start = used.month_start
            and target.area_code = used.area_code
            and target.scope_code = used.scope_code
            and target.indicator_code = used.indicator_code
    )

select
    judged.month_start,
    judged.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    judged.scope_code,
    coalesce(
        domain.accident_domain_name,
        work_group.work_group_name,
        case judged.scope_code when 'all' then '合计' else '未知' end
    ) as scope_name,
    judged.indicator_code,
    indicator.indicator_name,
    indicator.unit,
    judged.used_value,
    judged.year_target,
    {{ half_up("judged.elapsed_share", 4) }} as elapsed_share,
    {{ half_up("judged.year_target * judged.elapsed_share", 2) }} as target_to_date,
    {{ half_up(ratio("judged.used_value", "judged.year_target"), 4) }} as used_share,
    judged.year_target - judged.used_value as remaining_value,
    judged.used_value > judged.year_target as is_over_target,
    case
        when judged.year_target is null
        then '未定目标'
        when judged.used_value > judged.year_target
        then '超控'
        when judged.used_value = judged.year_target and judged.year_target > 0
        then '用完'
        when judged.used_value > judged.year_target * judged.elapsed_share
        then '超进度'
        else '控制内'
    end as control_name,
    cast(
        case
            when judged.year_target is null
            then 5
            when judged.used_value > judged.year_target
            then 1
            when judged.used_value = judged.year_target and judged.year_target > 0
            then 2
            when judged.used_value > judged.year_target * judged.elapsed_share
            then 3
            else 4
        end as bigint
    ) as control_order,
    judged.method = 'fixed' as is_fixed_target,
    judged.rule_version as control_rule_version,
    judged.source as target_source,
    judged.measured_on as as_of
from judged
inner join {{ ref("dim_district") }} as area on judged.area_code = area.area_code
inner join {{ ref("accident_indicator") }} as indicator on judged.indicator_code = indicator.indicator_code
left join {{ ref("accident_domain") }} as domain on judged.scope_code = domain.accident_domain
left join
    (select distinct work_group_code, work_group_name from {{ ref("accident_work_group") }}) as work_group
    on judged.scope_code = work_group.work_group_code
