-- One row per hazard (隐患), latest state.
{{ latest_version(ref("stg_hazard"), ["department_code", "hazard_id"]) }}
