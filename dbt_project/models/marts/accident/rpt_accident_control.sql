-- One row per month, area, scope (a domain, a group of industries, or all) and indicator that has a control target
-- (控制指标): used from January to that month against the target of the year. Scopes overlap and are never added.
with
    scoped as (
        select
            occurred_on, district_code, functional_zone_code, deaths, is_relatively_serious_or_above, scope.scope_code
        from {{ ref("fct_accident") }} as accident
        inner join
            (
                select 'all' as scope_code
                union all
                select accident_domain
                from {{ ref("accident_domain") }}
                union all
                select distinct work_group_code
                from {{ ref("accident_work_group") }}
            ) as scope
            on scope.scope_code in ('all', accident.accident_domain, accident.work_group_code)
        where accident.is_statistical and accident.occurred_on <= {{ as_of() }}
    ),

    event as ({{ by_area("scoped", ["occurred_on", "scope_code", "deaths", "is_relatively_serious_or_above"]) }}),

    figure as (
        select
            area_code,
            scope_code,
            occurred_on,
            indicator.indicator_code,
            case
                indicator.indicator_code
                when 'accidents'
                then 1
                when 'deaths'
                then deaths
                else case when is_relatively_serious_or_above then 1 else 0 end
            end as amount
        from event
        cross join
            (
                select 'accidents' as indicator_code
                union all
                select 'deaths' as indicator_code
                union all
                select 'relatively_serious_or_above' as indicator_code
            ) as indicator
    ),

    history as (select {{ month_start("min(occurred_on)") }} as history_start from scoped),

    -- months of the history whose year began within it: a year to date needs January
    month as (
        select
            measuring.month_start,
            measuring.measured_on,
            cast(date_trunc('year', measuring.month_start) as date) as year_start,
            extract(year from measuring.month_start) as year_number,
            history.history_start
        from {{ ref("int_core__measuring_month") }} as measuring
        cross join history
        where history.history_start <= cast(date_trunc('year', measuring.month_start) as date)
    ),

    targeted as (
        select
            month.month_start,
            month.measured_on,
            month.year_start,
            month.year_number,
            month.history_start <= {{ add_months("month.year_start", -12) }} as knows_last_year,
            target.area_code,
            target.scope_code,
            target.indicator_code,
            target.method,
            target.target_value,
            target.ratio,
            target.minimum_value,
            target.rule_version,
            target.source
        from month
        inner join
            {{ ref("accident_control_target") }} as target
            on month.year_number >= target.year_from
            and month.year_number <= target.year_to
        where target.rule_version = '{{ var("accident_control_version") }}'
    ),

    used as (
        select
            targeted.month_start,
            targeted.area_code,
            targeted.scope_code,
            targeted.indicator_code,
            sum(
                case
                    when figure.occurred_on >= targeted.year_start and figure.occurred_on <= targeted.measured_on
                    then figure.amount
                end
            ) as used_value,
            sum(case when figure.occurred_on < targeted.year_start then figure.amount end) as last_year_value
        from targeted
        inner join
            figure
            on targeted.area_code = figure.area_code
            and targeted.scope_code = figure.scope_code
            and targeted.indicator_code = figure.indicator_code
            and figure.occurred_on >= {{ add_months("targeted.year_start", -12) }}
            and figure.occurred_on <= targeted.measured_on
        group by targeted.month_start, targeted.area_code, targeted.scope_code, targeted.indicator_code
    ),

    judged as (
        select
            targeted.*,
            cast(coalesce(used.used_value, 0) as bigint) as used_value,
            cast(
                case
                    when targeted.method = 'fixed'
                    then targeted.target_value
                    when targeted.knows_last_year
                    then
                        greatest(
                            {{ half_up("coalesce(used.last_year_value, 0) * targeted.ratio", 0) }},
                            targeted.minimum_value
                        )
                end as bigint
            ) as year_target,
            cast({{ days_between("targeted.year_start", "targeted.measured_on") }} + 1 as double) / cast(
                {{ days_between("targeted.year_start", add_months("targeted.year_start", 12)) }} as double
            ) as elapsed_share
        from targeted
        left join
            used
            on targeted.month_start = used.month_start
            and targeted.area_code = used.area_code
            and targeted.scope_code = used.scope_code
            and targeted.indicator_code = used.indicator_code
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
