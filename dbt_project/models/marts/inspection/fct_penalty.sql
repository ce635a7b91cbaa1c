-- One row per penalty case (行政处罚案件) of a department, latest state. Filed, decided, paid and closed are four dates,
-- never mixed. The stages between them are in fct_case, the money paid in fct_penalty_payment.
select
    concat(penalty.department_code, ':', penalty.case_no) as penalty_key,
    penalty.case_no,
    penalty.decision_no,
    penalty.inspection_id,
    penalty.department_code,
    penalty.filed_on,
    penalty.decided_on,
    {{ month_start("penalty.filed_on") }} as filed_month,
    {{ month_start("penalty.decided_on") }} as decided_month,
    penalty.paid_on,
    penalty.closed_on,
    {{ month_start("penalty.closed_on") }} as closed_month,
    penalty.penalty_kind,
    {{ code_label("penalty", "penalty_kind", "penalty.penalty_kind") }} as penalty_kind_name,
    penalty.fine_yuan,
    penalty.confiscated_yuan,
    penalty.is_accident_penalty,
    penalty.penalty_kind = 'suspension' or penalty.suspension_from is not null as is_suspension,
    penalty.closure_proposed_on is not null as is_closure_proposed,
    {{ month_start("penalty.closure_proposed_on") }} as closure_proposed_month,
    penalty.transferred_on is not null as is_transferred,
    {{ month_start("penalty.transferred_on") }} as transferred_month,
    {{ penalty_place() }},
    {{ days_between("penalty.filed_on", "penalty.decided_on") }} as days_to_decision,
    {{ days_between("penalty.filed_on", "penalty.closed_on") }} as days_to_close,
    coalesce(
        {{ days_between("penalty.filed_on", "coalesce(penalty.decided_on, penalty.dismissed_on, " ~ as_of() ~ ")") }}
        > time_limit.limit_days,
        1 = 0
    ) as is_over_90_days
from {{ ref("int_inspection__penalty_latest") }} as penalty {{ join_decision_limit() }} {{ join_penalty_place() }}
