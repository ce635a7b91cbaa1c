-- One row per accident: its clocks (报告、补报、调查、批复、整改评估) against what was done, on as_of, and whether its enterprise had
-- another one in the 12 months before. Limits are of the rule in force on the day it occurred (seed accident_clock).
-- An extension that its department did not send is given the benefit of the doubt, up to the longest that law allows,
-- but it is called unknown (待核), not granted.
with
    limited as (
        select
            accident.*,
            graded.grade_code,
            graded.grade_name,
            clock.rule_version,
            clock.unit_report_hours,
            clock.report_levels * clock.level_report_hours as level_report_hours,
            clock.unit_report_hours + clock.report_levels * clock.level_report_hours as report_limit_hours,
            {{ add_days("accident.occurred_on", "clock.revision_days") }} as revision_ends_on,
            clock.investigation_days + coalesce(accident.appraisal_days, 0) as investigation_days,
            clock.investigation_days
            + coalesce(accident.appraisal_days, 0)
            + least(
                coalesce(accident.investigation_extension_days, clock.investigation_extension_days),
                clock.investigation_extension_days
            ) as longest_investigation_days,
            case
                when graded.grade_code = 'especially_serious'
                then clock.approval_days_especially_serious
                else clock.approval_days
            end as approval_days,
            case
                when graded.grade_code = 'especially_serious'
                then clock.approval_days_especially_serious + clock.approval_extension_days_especially_serious
                else clock.approval_days
            end as longest_approval_days,
            clock.evaluation_months,
            coalesce(accident.approved_on, accident.closed_on) as completed_on,
            coalesce(enterprise.entity_id, accident.uscc) as party_key
        from {{ ref("int_accident__latest") }} as accident
        left join {{ ref("int_core__mention_entity") }} as enterprise on accident._mention_key = enterprise.mention_key
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

    clocked as (
        select
            limited.*,
            received_at > {{ add_hours("occurred_at", "unit_report_hours") }} as is_unit_report_late,
            first_reported_at > {{ add_hours("received_at", "level_report_hours") }} as is_level_report_late,
            coalesce(
                received_at > {{ add_hours("occurred_at", "unit_report_hours") }}
                or first_reported_at > {{ add_hours("received_at", "level_report_hours") }},
                first_reported_at > {{ add_hours("occurred_at", "report_limit_hours") }}
            ) as is_reported_late,
            {{ add_days("occurred_on", "investigation_days") }} as investigation_due_on,
            {{ add_days("occurred_on", "longest_investigation_days") }} as investigation_latest_on,
            {{ add_days("report_submitted_on", "approval_days") }} as approval_due_on,
            {{ add_days("report_submitted_on", "longest_approval_days") }} as approval_latest_on,
            {{ add_days("occurred_on", "(longest_investigation_days + longest_approval_days)") }} as closing_latest_on,
            {{ add_months("completed_on", "evaluation_months") }} as evaluation_due_on
        from limited
    ),

    measure as (
        select
            accident_id,
            count(*) as measures,
            count(case when is_done then 1 end) as measures_done,
            count(case when is_overdue then 1 end) as measures_overdue,
            count(case when evaluated_on is null then 1 end) as measures_not_evaluated,
            max(evaluated_on) as evaluated_on
        from {{ ref("fct_corrective_measure") }}
        group by accident_id
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
            on later.party_key = former.party_key
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
    clocked.district_code,
    district.area_name as district_name,
    clocked.uscc,
    clocked.enterprise_name,
    clocked.supervising_department,
    clocked.grade_code,
    clocked.grade_name,
    clocked.rule_version as clock_rule_version,
    clocked.received_at,
    clocked.first_reported_at,
    clocked.report_limit_hours,
    clocked.is_unit_report_late,
    clocked.is_level_report_late,
    clocked.is_reported_late,
    coalesce(clocked.reporting_violation = 'omitted', false) as is_omitted,
    coalesce(clocked.reporting_violation = 'false_report', false) as is_falsely_reported,
    clocked.is_concealed or coalesce(clocked.reporting_violation = 'concealed', false) as is_concealed,
    case
        when clocked.is_concealed or clocked.reporting_violation = 'concealed'
        then '瞒报'
        when clocked.reporting_violation = 'false_report'
        then '谎报'
        when clocked.reporting_violation = 'omitted'
        then '漏报'
        when {{ is_unknown_code("accident", "reporting_violation", "clocked.reporting_violation") }}
        then '违规情形未知'
        when clocked.reporting_violation = 'late' or clocked.is_reported_late
        then '迟报'
        when clocked.report_limit_hours is null or clocked.first_reported_at is null
        then '不计时'
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
    clocked.report_submitted_on,
    clocked.approval_due_on,
    clocked.approval_latest_on,
    clocked.approved_on,
    clocked.closing_latest_on,
    clocked.closed_on,
    {{ days_between("clocked.occurred_on", "clocked.closed_on") }} as days_to_close,
    case
        when not clocked.is_statistical
        then '不需调查'
        when clocked.investigation_due_on is null
        then '不计时'
        when
            clocked.completed_on is not null
            and coalesce(clocked.report_submitted_on <= clocked.investigation_latest_on, 1 = 1)
            and clocked.completed_on <= coalesce(clocked.approval_latest_on, clocked.closing_latest_on)
        then '期限内结案'
        when clocked.completed_on is not null
        then '超期结案'
        when clocked.report_submitted_on is not null and {{ as_of() }} <= clocked.approval_latest_on
        then '待批复'
        when clocked.report_submitted_on is not null
        then '逾期未批复'
        when {{ as_of() }} <= clocked.investigation_due_on
        then '调查中'
        when {{ as_of() }} <= clocked.investigation_latest_on and clocked.investigation_extension_days is null
        then '过期待核延期'
        when {{ as_of() }} <= clocked.investigation_latest_on
        then '延期调查中'
        when {{ as_of() }} <= clocked.closing_latest_on and clocked.investigation_extension_days is null
        then '过期待核提交'
        else '逾期未结'
    end as investigation_name,
    coalesce(measure.measures, 0) as measures,
    coalesce(measure.measures_done, 0) as measures_done,
    coalesce(measure.measures_overdue, 0) as measures_overdue,
    clocked.evaluation_due_on,
    measure.evaluated_on,
    case
        when not clocked.is_statistical or coalesce(measure.measures, 0) = 0
        then '无整改措施'
        when measure.measures_not_evaluated = 0
        then '已评估'
        when clocked.evaluation_due_on < {{ as_of() }}
        then '逾期未评估'
        else '未到评估期限'
    end as evaluation_name,
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
left join measure on clocked.accident_id = measure.accident_id
left join {{ ref("dim_district") }} as district on clocked.district_code = district.area_code
