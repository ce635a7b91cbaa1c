-- One row per penalty case (处罚案件) as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_penalty"), ["department_code", "case_no"]) }}
