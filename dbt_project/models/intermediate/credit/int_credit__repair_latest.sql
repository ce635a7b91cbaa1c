-- One row per application for credit repair (信用修复), latest state.
{{ latest_standing(ref("stg_fgw__credit_repair"), ["repair_id"]) }}
