-- One row per application for credit repair (信用修复), latest state, with its clock.
select
    repairs.repair_id,
    repairs.department_code,
    repairs.target_kind,
    repairs.target_name,
    repairs.case_no,
    repairs.entry_id,
    repairs.uscc,
    enterprises.entity_id,
    enterprises.enterprise_name,
    enterprises.district_code,
    enterprises.functional_zone_code,
    repairs.applied_on,
    repairs.accepted_on,
    repairs.accept_due_on,
    repairs.is_accept_late,
    repairs.decided_on,
    repairs.decide_due_on,
    repairs.is_decision_late,
    repairs.decision,
    {{ code_label("fgw.credit_repair", "decision", "repairs.decision") }} as decision_name,
    {{ days_between("repairs.applied_on", "repairs.decided_on") }} as days_to_decide,
    repairs.clock_version,
    {{ as_of() }} as as_of
from {{ ref("int_credit__repair") }} as repairs
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = repairs.uscc
