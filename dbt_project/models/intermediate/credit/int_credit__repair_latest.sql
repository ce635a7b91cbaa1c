-- One row per application for credit repair (信用修复) of an enterprise, an agency or a listed person, latest state.
{%- set columns = ["repair_id", "department_code", "entry_id", "applied_on", "accepted_on", "decided_on", "decision"] %}
select {{ columns | join(", ") }}, case_no, uscc, false as is_of_person
from ({{ latest_standing(ref("stg_fgw__credit_repair"), ["repair_id"]) }}) as units
union all
select {{ columns | join(", ") }}, cast(null as varchar) as case_no, cast(null as varchar) as uscc, true as is_of_person
from ({{ latest_standing(ref("stg_fgw__credit_repair_person"), ["repair_id"]) }}) as persons
