-- One row per payment (缴款书) of a penalty case, latest state.
{{ latest_standing(ref("stg_yjgl__penalty_payment"), ["department_code", "payment_no"]) }}
