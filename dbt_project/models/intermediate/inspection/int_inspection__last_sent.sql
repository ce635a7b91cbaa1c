-- One row per inspection (检查) of a department as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_inspection"), ["department_code", "inspection_id"]) }}
