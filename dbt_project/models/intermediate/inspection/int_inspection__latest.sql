-- One row per inspection (检查) of a department, latest state.
{{ latest_standing(ref("stg_inspection"), ["department_code", "inspection_id"]) }}
