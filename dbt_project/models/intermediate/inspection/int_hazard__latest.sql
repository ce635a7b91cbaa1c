-- One row per hazard (隐患), latest state.
{{ latest_standing(ref("stg_hazard"), ["department_code", "hazard_id"]) }}
