-- One row per accident: its clocks (报告、补报、调查、批复) against what was done, on as_of, and whether its enterprise had
-- another one in the 12 months before. Limits are of the rule in force on the day it occurred (seed accident_clock).
with
    clocked as (
        select
            accident.accident_id,
            accident.department_code,
            accident.accident_domain,
            accident.occurred_at,
            accident.occurred_on,
            accident.first_reported_at,
            accident.uscc,
            accident.deaths,
            accident.first_reported_deaths,
            accident.is_statistical,
            accident.is_concealed,
            accident.closed_on,
            graded.grade_code,
            clock.rule_version,
            clock.unit_report_hours + clock.report_levels * clock.level_report_hours as report_limit_hours,
            {{ add_days("accident.occurred_on", "clock.revision_days") }} as revision_ends_on,
            {{ add_days("accident.occurred_on", "clock.investigation_days") }} as investigation_due_on,
            {{
                add_days(
                    "accident.occurred_on",
                    "(clock.investigation_days + clock.investigation_extension_days)",
                )
            }} as investigation_latest_on,
            {{
                add_days(
                    "accident.occurred_on",
                    "(clock.investigation_days + clock.investigation_extension_days "
                    ~ "+ case when graded.grade_code = 'especially_serious' "
                    ~ "then clock.approval_days_especially_serious else clock.approval_days end)",
                )
            }} as closing_latest_on
        from {{ ref("int_accident__latest") }} as accident
        left join
            {{ ref("int_accident__graded") }} as graded
            on accident.department_code = graded.department_code
            and accident.accident_id = graded.accident_id
        left join
            {{ ref("accident_clock") }} as clock
            on accident.accident_domain = clock.accident_domain
            and accident.occurred_on >= clock.valid_from
            and accident.occurred_on <= clock.valid_to
    ),

    -- the last state known when the days for supplementary reports were over
    at_deadline as (
        select department_code, accident_id, deaths
        from
            (
                select
                    version.department_code,
                    version.accident_id,
                    version.deaths,
                    row_number() over (
                        partition by version.department_code, version.accident_id
                        order by version.version_number desc nulls last
                    ) as place
                from {{ ref("int_accident__version") }} as version
                inner join
                    clocked
                    on version.department_code = clocked.department_code
                    and version.accident_id = clocked.accident_id
                    and cast(version.known_from as date) <= clocked.revision_ends_on
            ) as ranked
        where place = 1
    ),

    earlier as (
        select
            later.department_code,
            later.accident_id,
            count(*) as earlier_accidents,
            max(former.occurred_on) as former_occurred_on
        from clocked as later
        inner join
            clocked as former
            on later.uscc = former.uscc
            and later.accident_id <> former.accident_id
            and former.is_statistical
            and former.occurred_at < later.occurred_at
            and former.occurred_on >= {{ add_months("later.occurred_on", -12) }}
        where later.is_statistical
        group by later.department_code, later.accident_id
    )

select
    concat(clocked.department_code, ':', clocked.accident_id) as accident_key,
    clocked.accident_id,
    clocked.department_code,
    clocked.accident_domain,
    clocked.occurred_at,
    clocked.occurred_on,
    clocked.uscc,
    clocked.grade_code,
    clocked.rule_version as clock_rule_version,
    clocked.first_reported_at,
    clocked.report_limit_hours,
    clocked.first_reported_at
    > {{ add_hours("clocked.occurred_at", "clocked.report_limit_hours") }} as is_reported_late,
    clocked.is_concealed,
    case
        when clocked.is_concealed
        then '瞒报'
        when clocked.report_limit_hours is null or clocked.first_reported_at is null
        then '不计时'
        when clocked.first_reported_at > {{ add_hours("clocked.occurred_at", "clocked.report_limit_hours") }}
        then '迟报'
        else '按时'
    end as reporting_name,
    clocked.revision_ends_on,
    clocked.revision_ends_on < {{ as_of() }} as is_casualty_final,
    clocked.first_reported_deaths,
    at_deadline.deaths as deaths_at_deadline,
    clocked.deaths,
    clocked.revision_ends_on < {{ as_of() }} and clocked.deaths <> at_deadline.deaths as is_revised_after_deadline,
    clocked.investigation_due_on,
    clocked.investigation_latest_on,
    clocked.closing_latest_on,
    clocked.closed_on,
    {{ days_between("clocked.occurred_on", "clocked.closed_on") }} as days_to_close,
    case
        when not clocked.is_statistical
        then '不需调查'
        when clocked.investigation_due_on is null
        then '不计时'
        when clocked.closed_on is not null and clocked.closed_on <= clocked.closing_latest_on
        then '期限内结案'
        when clocked.closed_on is not null
        then '超期结案'
        when {{ as_of() }} <= clocked.investigation_due_on
        then '调查中'
        when {{ as_of() }} <= clocked.investigation_latest_on
        then '延期调查中'
        when {{ as_of() }} <= clocked.closing_latest_on
        then '待批复'
        else '逾期未结'
    end as investigation_name,
    coalesce(earlier.earlier_accidents, 0) as earlier_accidents_12_months,
    earlier.former_occurred_on,
    coalesce(earlier.earlier_accidents, 0) > 0 as is_repeat_within_12_months,
    {{ as_of() }} as as_of
from clocked
left join
    at_deadline
    on clocked.department_code = at_deadline.department_code
    and clocked.accident_id = at_deadline.accident_id
left join earlier on clocked.department_code = earlier.department_code and clocked.accident_id = earlier.accident_id
