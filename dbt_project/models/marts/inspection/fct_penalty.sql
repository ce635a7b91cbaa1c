-- One row per penalty case (行政处罚案件) of a department, latest state. Filed, decided and paid are three dates, never
-- mixed.
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
    penalty.penalty_kind,
    {{ code_label("penalty", "penalty_kind", "penalty.penalty_kind") }} as penalty_kind_name,
    penalty.fine_yuan,
    penalty.confiscated_yuan,
    penalty.is_accident_penalty,
    penalty.district_code,
    {{ known_name("district.area_name", "penalty.district_code") }} as district_name,
    case
        when enterprise.district_code = penalty.district_code then enterprise.functional_zone_code
    end as functional_zone_code,
    penalty.uscc,
    enterprise.entity_id,
    penalty.enterprise_name,
    {{ days_between("penalty.filed_on", "penalty.decided_on") }} as days_to_decision,
    {{ days_between("penalty.filed_on", "coalesce(penalty.decided_on, " ~ as_of() ~ ")") }} > 90 as is_over_90_days
from {{ ref("int_penalty__latest") }} as penalty
left join {{ ref("int_core__mention_entity") }} as enterprise on penalty._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on penalty.district_code = district.area_code
