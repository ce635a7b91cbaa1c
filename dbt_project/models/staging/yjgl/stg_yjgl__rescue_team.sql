-- One row per reported state of a rescue team (救援队伍); all versions.
{{ stage_feed("yjgl.rescue_team") }}
