-- One row per self-check (企业自查) as it was last sent, withdrawn or not; carried from build to build. Six million in a
-- whole city, so only what a mart needs is in it.
{{
    last_sent(
        ref("stg_yjgl__self_check"),
        ["check_id"],
        ["uscc", "checked_on", "hazards_found", "major_hazards_found", "hazards_rectified"],
    )
}}
