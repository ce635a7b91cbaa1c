-- One row per enterprise that several departments keep calling on one after another: a joint inspection (联检) is
-- proposed, with who comes, when, why, and how many visits it saves by the last months' count. The window begins when
-- the next inspection is due by the enterprise's own frequency. Whoever is due only after the horizon is taken within
-- it:
-- the leading department's enterprises are spread evenly over its windows, the one inspected last comes last.
with
    recent as (
        select
            inspection.entity_id,
            inspection.inspection_key,
            inspection.department_code,
            inspection.inspected_on,
            inspection.is_duplicate,
            duplicate.is_duplicate_other
        from {{ ref("fct_inspection") }} as inspection
        inner join
            {{ ref("int_inspection__duplicate") }} as duplicate on inspection.inspection_key = duplicate.inspection_key
        cross join {{ ref("int_inspection__rule") }} as rule
        where
            inspection.entity_id is not null
            and inspection.is_repeatable
            and inspection.inspected_on > {{ add_months(as_of(), "(-1 * rule.joint_lookback_months)") }}
            and inspection.inspected_on <= {{ as_of() }}
    ),

    lead_department as (
        select entity_id, department_code
        from
            (
                select
                    entity_id,
                    department_code,
                    row_number() over (
                        partition by entity_id order by count(*) desc nulls last, department_code asc nulls last
                    ) as most
                from recent
                group by entity_id, department_code
            ) as ranked
        where most = 1
    ),

    burden as (
        select
            recent.entity_id,
            count(*) as inspections,
            count(case when recent.is_duplicate then 1 end) as duplicates,
            count(case when recent.is_duplicate_other then 1 end) as duplicates_across,
            count(distinct recent.department_code) as department_count,
            {{ sorted_list("department.short_name") }} as departments,
            max(recent.inspected_on) as last_inspected_on
        from recent
        left join {{ ref("dim_department") }} as department on recent.department_code = department.department_code
        group by recent.entity_id
    ),

    proposed as (
        select
            burden.*,
            rule.rule_version,
            rule.joint_lookback_months,
            rule.joint_window_days,
            rule.duplicate_other_days,
            rule.joint_horizon_days,
            coalesce(plan.required_per_year, 1) as required_per_year,
            lead_department.department_code as lead_department_code,
            {{ add_days(as_of(), "rule.joint_lead_days") }} as earliest_from,
            {{
                add_days(
                    "burden.last_inspected_on",
                    "cast(floor(365.0 / coalesce(plan.required_per_year, 1)) as bigint)",
                )
            }} as due_on,
            cast(
                floor(
                    (rule.joint_horizon_days - rule.joint_lead_days) / cast(rule.joint_window_days as double)
                ) as bigint
            )
            + 1 as windows
        from burden
        inner join
            {{ ref("int_inspection__rule") }} as rule
            on burden.duplicates_across >= rule.joint_min_duplicates
            and burden.department_count >= 2
        left join {{ ref("rpt_inspection_plan") }} as plan on burden.entity_id = plan.entity_id
        left join lead_department on burden.entity_id = lead_department.entity_id
    ),

    queued as (
        select
            proposed.*,
            due_on > {{ add_days(as_of(), "joint_horizon_days") }} as is_due_later,
            row_number() over (
                partition by lead_department_code, due_on > {{ add_days(as_of(), "joint_horizon_days") }}
                order by last_inspected_on desc nulls last, entity_id asc nulls last
            ) as place,
            count(*) over (
                partition by lead_department_code, due_on > {{ add_days(as_of(), "joint_horizon_days") }}
            ) as queue_length
        from proposed
    ),

    timed as (
        select
            queued.*,
            cast(
                case
                    when not is_due_later
                    then greatest(earliest_from, due_on)
                    else
                        greatest(
                            earliest_from,
                            {{ add_days("last_inspected_on", "(duplicate_other_days + 1)") }},
                            {{
                                add_days(
                                    as_of(),
                                    "(joint_horizon_days - joint_window_days * cast(floor((place - 1) * windows / cast(queue_length as double)) as bigint))",
                                )
                            }}
                        )
                end as date
            ) as window_from
        from queued
    )

select
    proposed.entity_id,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    proposed.departments,
    proposed.department_count,
    proposed.lead_department_code,
    lead.short_name as lead_department_name,
    proposed.window_from,
    {{ add_days("proposed.window_from", "(proposed.joint_window_days - 1)") }} as window_until,
    concat(
        '近',
        cast(proposed.joint_lookback_months as varchar),
        '个月',
        cast(proposed.department_count as varchar),
        '个部门上门',
        cast(proposed.inspections as varchar),
        '次，其中',
        cast(proposed.duplicates_across as varchar),
        '次在其他部门检查后',
        cast(proposed.duplicate_other_days as varchar),
        '日内'
    ) as reason,
    proposed.inspections,
    proposed.duplicates,
    proposed.duplicates_across as visits_saved,
    {{ half_up(ratio("proposed.duplicates_across", "proposed.inspections"), 4) }} as saved_ratio,
    proposed.required_per_year,
    proposed.last_inspected_on,
    proposed.rule_version,
    {{ as_of() }} as as_of
from timed as proposed
inner join {{ ref("int_core__enterprise") }} as enterprise on proposed.entity_id = enterprise.entity_id
left join {{ ref("dim_department") }} as lead on proposed.lead_department_code = lead.department_code
where enterprise.is_active
