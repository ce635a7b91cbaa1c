-- One row per penalty case (处罚案件), latest state.
{{ latest_standing(ref("stg_penalty"), ["department_code", "case_no"]) }}
