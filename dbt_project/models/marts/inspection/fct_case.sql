-- One row per penalty case (行政处罚案件) of a department, latest state, as it goes through its stages: filed (立案) →
-- investigated (调查终结) → notified (告知) → heard (听证) and reviewed (法制审核) → decided (决定) → executed (执行) →
-- closed (结案). The time for a decision is a rule with its validity (行政处罚法第六十条), counted from the filing.
with
    paid as (
        select
            department_code,
            case_no,
            sum(due_yuan) as due_yuan,
            sum(paid_yuan) as paid_yuan,
            max(instalments) as instalments
        from {{ ref("fct_penalty_payment") }}
        group by department_code, case_no
    ),

    timed as (
        select
            penalty.*,
            time_limit.limit_days,
            time_limit.rule_version as limit_rule_version,
            cast({{ add_days("penalty.filed_on", "time_limit.limit_days") }} as date) as decision_due_on,
            {{ suspension_state("penalty") }} as suspension_state
        from {{ ref("int_inspection__penalty_latest") }} as penalty {{ join_decision_limit() }}
    )

select
    concat(penalty.department_code, ':', penalty.case_no) as case_key,
    penalty.case_no,
    penalty.department_code,
    department.short_name as department_name,
    penalty.decision_no,
    penalty.inspection_id,
    case
        when penalty.is_accident_penalty
        then 'accident'
        when penalty.inspection_id is not null
        then 'inspection'
        else 'other'
    end as origin,
    case
        when penalty.is_accident_penalty then '事故' when penalty.inspection_id is not null then '检查' else '其他或未报'
    end as origin_name,
    penalty.filed_on,
    {{ month_start("penalty.filed_on") }} as filed_month,
    penalty.investigated_on,
    penalty.notified_on,
    penalty.hearing_on,
    penalty.reviewed_on,
    penalty.decided_on,
    penalty.dismissed_on,
    penalty.dismissal_kind,
    {{ code_label("penalty", "dismissal_kind", "penalty.dismissal_kind") }} as dismissal_kind_name,
    {{ month_start("penalty.decided_on") }} as decided_month,
    penalty.executed_on,
    penalty.closed_on,
    {{ month_start("penalty.closed_on") }} as closed_month,
    {% set stages = [
        ("dismissed_on", "dismissed", "不予处罚或撤案"),
        ("closed_on", "closed", "已结案"),
        ("executed_on", "executed", "已执行待结案"),
        ("decided_on", "decided", "已决定待执行"),
        ("notified_on", "notified", "已告知待决定"),
        ("investigated_on", "investigated", "调查终结待告知"),
    ] %}
    case
        {% for column, code, label in stages %} when penalty.{{ column }} is not null then '{{ code }}' {% endfor %}
        else 'filed'
    end as stage_code,
    case
        {% for column, code, label in stages %} when penalty.{{ column }} is not null then '{{ label }}' {% endfor %}
        else '立案调查中'
    end as stage_name,
    {{ days_between("penalty.filed_on", "penalty.investigated_on") }} as days_to_investigate,
    {{ days_between("penalty.investigated_on", "penalty.notified_on") }} as days_to_notify,
    {{ days_between("penalty.filed_on", "penalty.decided_on") }} as days_to_decision,
    {{ days_between("penalty.decided_on", "penalty.executed_on") }} as days_to_execute,
    {{ days_between("penalty.filed_on", "penalty.closed_on") }} as days_to_close,
    penalty.limit_days,
    penalty.limit_rule_version,
    penalty.decision_due_on,
    penalty.decided_on is not null as is_decided,
    penalty.closed_on is not null as is_closed,
    penalty.dismissed_on is not null as is_dismissed,
    penalty.decided_on is null and penalty.dismissed_on is null as is_pending,
    coalesce(
        coalesce(penalty.decided_on, penalty.dismissed_on, {{ as_of() }}) > penalty.decision_due_on, false
    ) as is_over_limit,
    coalesce(
        penalty.decided_on is null and penalty.dismissed_on is null and penalty.decision_due_on < {{ as_of() }}, false
    ) as is_overdue,
    case
        when penalty.decided_on is null and penalty.dismissed_on is null
        then {{ days_between(as_of(), "penalty.decision_due_on") }}
    end as days_left,
    penalty.investigated_on is not null or penalty.notified_on is not null as tells_stages,
    penalty.decided_on is not null
    and penalty.investigated_on is not null
    and coalesce(penalty.notified_on > penalty.decided_on, penalty.notified_on is null) as is_notice_missing,
    penalty.penalty_kind,
    {{ code_label("penalty", "penalty_kind", "penalty.penalty_kind") }} as penalty_kind_name,
    penalty.fine_yuan,
    penalty.confiscated_yuan,
    coalesce(paid.instalments, 0) > 1 as is_by_instalments,
    cast(paid.paid_yuan as decimal(18, 2)) as paid_yuan,
    cast(
        greatest(
            coalesce(paid.due_yuan, coalesce(penalty.fine_yuan, 0) + coalesce(penalty.confiscated_yuan, 0))
            - coalesce(paid.paid_yuan, 0),
            0
        ) as decimal(18, 2)
    ) as unpaid_yuan,
    penalty.is_accident_penalty,
    penalty.penalty_kind = 'suspension' or penalty.suspension_from is not null as is_suspension,
    penalty.suspension_from,
    penalty.suspension_until,
    penalty.resumed_on,
    penalty.suspension_state,
    {{ suspension_state_name("penalty.suspension_state") }} as suspension_state_name,
    case
        when penalty.suspension_state = 'expired' then {{ days_between("penalty.suspension_until", as_of()) }}
    end as suspension_expired_days,
    coalesce(penalty.suspension_state = 'in_force', false) as is_suspended_now,
    penalty.closure_proposed_on,
    penalty.closed_down_on,
    penalty.closure_proposed_on is not null as is_closure_proposed,
    penalty.transferred_on,
    penalty.transferred_on is not null as is_transferred,
    penalty.transfer_document_no,
    penalty.transfer_outcome,
    {{ code_label("penalty", "transfer_outcome", "penalty.transfer_outcome") }} as transfer_outcome_name,
    penalty.legal_basis,
    {{ penalty_place() }},
    {{ as_of() }} as as_of
from timed as penalty {{ join_penalty_place() }}
left join paid on penalty.department_code = paid.department_code and penalty.case_no = paid.case_no
left join {{ ref("dim_department") }} as department on penalty.department_code = department.department_code
