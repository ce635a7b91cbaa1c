-- One row per decided penalty: how long it may be shown to the public (双公示). Shown from the decision until the longest
-- period is over or its repair is granted; display_until is the first day on which it must no longer be shown.
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
            rules.publicity_class,
            rules.class_name,
            rules.rule_version,
            {{ add_months("penalties.decided_on", "rules.min_months") }} as repairable_from,
            {{ add_months("penalties.decided_on", "rules.max_months") }} as longest_until,
            row_number() over (
                partition by penalties.department_code, penalties.case_no order by rules.rule_order asc nulls last
            ) as preference
        from {{ ref("int_penalty__latest") }} as penalties
        left join
            {{ ref("credit_publicity_rule") }} as rules
            on (rules.department_code is null or rules.department_code = penalties.department_code)
            and penalties.decided_on between rules.valid_from and rules.valid_to
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
    )

select
    concat(shown.department_code, ':', shown.case_no) as penalty_key,
    shown.department_code,
    shown.case_no,
    shown.decision_no,
    shown.uscc,
    enterprises.entity_id,
    coalesce(shown.enterprise_name, enterprises.enterprise_name) as enterprise_name,
    enterprises.district_code,
    enterprises.functional_zone_code,
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
    shown.rule_version,
    {{ as_of() }} as as_of
from shown
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = shown.uscc
