-- One row per application for credit repair (信用修复), latest state, with its clock.
select
    repair.repair_id,
    repair.department_code,
    repair.target_kind,
    repair.target_name,
    repair.case_no,
    repair.entry_id,
    repair.uscc,
    enterprise.entity_id,
    enterprise.enterprise_name,
    enterprise.district_code,
    enterprise.functional_zone_code,
    repair.applied_on,
    repair.accepted_on,
    repair.accept_due_on,
    repair.is_accept_late,
    repair.decided_on,
    repair.decide_due_on,
    repair.is_decision_late,
    repair.decision,
    {{ code_label("fgw.credit_repair", "decision", "repair.decision") }} as decision_name,
    {{ days_between("repair.applied_on", "repair.decided_on") }} as days_to_decide,
    repair.clock_version,
    {{ as_of() }} as as_of
from {{ ref("int_credit__repair") }} as repair
left join {{ ref("int_core__uscc_entity") }} as enterprise on enterprise.uscc = repair.uscc
