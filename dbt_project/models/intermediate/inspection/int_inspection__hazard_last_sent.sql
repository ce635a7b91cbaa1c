-- One row per hazard (隐患) as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_hazard"), ["department_code", "hazard_id"]) }}
