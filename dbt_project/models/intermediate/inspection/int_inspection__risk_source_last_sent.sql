-- One row per risk source (风险点) as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_yjgl__risk_source"), ["risk_source_id"], ["risk_level", "record_status"]) }}
