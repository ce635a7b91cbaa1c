-- One row per decided penalty: how long it may be shown to the public (双公示), and how long the platform does show it.
-- To be shown from the decision until the longest period is over or its repair is granted; display_until is the first
-- day on which it must no longer be shown. What the platform shows is judged for departments of which it shows
-- anything.
with
    classed as (
        select
            penalties.department_code,
            penalties.case_no,
            penalties.decision_no,
            penalties.uscc,
            penalties.enterprise_name,
            penalties.decided_on,
            penalties.penalty_kind,
            penalties.fine_yuan,
            penalties.paid_on,
            rule.publicity_class,
            rule.class_name,
            rule.rule_version,
            rule.publish_workdays,
            rule.withdraw_workdays,
            {{ add_months("penalties.decided_on", "rule.min_months") }} as repairable_from,
            {{ add_months("penalties.decided_on", "rule.max_months") }} as longest_until,
            row_number() over (
                partition by penalties.department_code, penalties.case_no order by rule.rule_order asc nulls last
            ) as preference
        from {{ ref("int_inspection__penalty_latest") }} as penalties
        left join
            {{ ref("credit_publicity_rule") }} as rule
            on (rule.department_code is null or rule.department_code = penalties.department_code)
            and penalties.decided_on between rule.valid_from and rule.valid_to
        where penalties.decided_on <= {{ as_of() }}
    ),

    repaired as (
        select case_no, min(decided_on) as repaired_on
        from {{ ref("int_credit__repair") }}
        where decision = 'granted' and case_no is not null and decided_on <= {{ as_of() }}
        group by case_no
    ),

    pending as (
        select case_no, min(repair_id) as pending_repair_id
        from {{ ref("int_credit__repair") }}
        where decided_on is null and case_no is not null
        group by case_no
    ),

    shown as (
        select
            classed.*,
            repaired.repaired_on,
            pending.pending_repair_id,
            cast(
                least(coalesce(repaired.repaired_on, classed.longest_until), classed.longest_until) as date
            ) as display_until,
            -- what has to be paid is paid; a warning has nothing to pay
            coalesce(classed.fine_yuan, 0) = 0 or coalesce(classed.paid_on <= {{ as_of() }}, 1 = 0) as is_fulfilled
        from classed
        left join repaired on repaired.case_no = classed.case_no
        left join pending on pending.case_no = classed.case_no
        where classed.preference = 1
    ),

    -- of the same number, and not of another unit
    displayed as (
        select
            shown.department_code,
            shown.case_no,
            display.record_no,
            display.shown_from,
            display.display_state,
            display.withdrawn_on
        from shown
        inner join {{ ref("int_credit__display") }} as display on display.record_no = shown.case_no
        where
            display.record_kind = 'penalty'
            and (display.uscc is null or shown.uscc is null or display.uscc = shown.uscc)
    ),

    actual as (
        select
            shown.department_code,
            shown.case_no,
            display.shown_from,
            display.display_state,
            display.withdrawn_on,
            publish_due.date_day as publish_due_on,
            withdraw_due.date_day as withdraw_due_on,
            max(case when display.record_no is not null then 1 else 0 end) over (
                partition by shown.department_code
            ) as is_told
        from shown
        left join
            displayed as display on display.department_code = shown.department_code and display.case_no = shown.case_no
        left join {{ ref("int_credit__workday") }} as decided on decided.date_day = shown.decided_on
        left join
            {{ ref("int_credit__workday") }} as publish_due
            on publish_due.is_workday
            and publish_due.workday_no = decided.workday_no + shown.publish_workdays
        left join {{ ref("int_credit__workday") }} as ended on ended.date_day = shown.display_until
        left join
            {{ ref("int_credit__workday") }} as withdraw_due
            on withdraw_due.is_workday
            and withdraw_due.workday_no = ended.workday_no + shown.withdraw_workdays
    ),

    -- what is wrong with what the platform shows, on the day
    judged as (
        select
            actual.department_code,
            actual.case_no,
            actual.shown_from,
            actual.withdrawn_on,
            actual.publish_due_on,
            actual.withdraw_due_on,
            case
                when actual.display_state is not null then actual.display_state when actual.is_told = 1 then 'not_shown'
            end as actual_state,
            case
                when actual.display_state = 'shown' and actual.withdraw_due_on < {{ as_of() }}
                then 'not_withdrawn'
                when
                    actual.display_state = 'withdrawn'
                    and actual.withdrawn_on < shown.display_until
                    and shown.display_until > {{ as_of() }}
                then 'withdrawn_early'
                when actual.display_state = 'withdrawn' and actual.withdrawn_on > actual.withdraw_due_on
                then 'withdrawn_late'
                when
                    actual.display_state is null
                    and actual.is_told = 1
                    and actual.publish_due_on < {{ as_of() }}
                    and shown.display_until > {{ as_of() }}
                then 'not_shown'
            end as display_fault
        from actual
        inner join shown on actual.department_code = shown.department_code and actual.case_no = shown.case_no
    )

select
    concat(shown.department_code, ':', shown.case_no) as penalty_key,
    shown.department_code,
    shown.case_no,
    shown.decision_no,
    shown.uscc,
    enterprise.entity_id,
    coalesce(shown.enterprise_name, enterprise.enterprise_name) as enterprise_name,
    enterprise.district_code,
    enterprise.functional_zone_code,
    shown.decided_on,
    shown.penalty_kind,
    {{ code_label("penalty", "penalty_kind", "shown.penalty_kind") }} as penalty_kind_name,
    cast(shown.fine_yuan as decimal(18, 2)) as fine_yuan,
    shown.paid_on,
    shown.is_fulfilled,
    shown.publicity_class,
    shown.class_name as publicity_class_name,
    shown.repairable_from,
    shown.longest_until,
    shown.repaired_on,
    shown.display_until,
    shown.display_until > {{ as_of() }} as is_displayed,
    case
        when shown.display_until > {{ as_of() }}
        then '公示中'
        when shown.repaired_on <= shown.longest_until
        then '修复停止公示'
        else '期满停止公示'
    end as display_state_name,
    shown.pending_repair_id,
    shown.display_until > {{ as_of() }}
    and shown.repairable_from <= {{ as_of() }}
    and shown.is_fulfilled
    and shown.pending_repair_id is null as is_repairable,
    judged.actual_state,
    case
        judged.actual_state when 'shown' then '公示中' when 'withdrawn' then '已撤下' when 'not_shown' then '未公示'
    end as actual_state_name,
    judged.shown_from,
    judged.withdrawn_on,
    judged.publish_due_on,
    case when shown.display_until <= {{ as_of() }} then judged.withdraw_due_on end as withdraw_due_on,
    judged.display_fault,
    case
        judged.display_fault
        when 'not_withdrawn'
        then '应撤未撤'
        when 'withdrawn_early'
        then '提前撤下'
        when 'withdrawn_late'
        then '迟撤'
        when 'not_shown'
        then '应示未示'
    end as display_fault_name,
    shown.rule_version,
    {{ as_of() }} as as_of
from shown
inner join judged on judged.department_code = shown.department_code and judged.case_no = shown.case_no
left join {{ ref("int_core__uscc_entity") }} as enterprise on enterprise.uscc = shown.uscc
