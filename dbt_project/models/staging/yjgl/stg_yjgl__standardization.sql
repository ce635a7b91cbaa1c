-- One row per reported state of a standardization certificate (安全生产标准化证书); all versions.
{{ stage_feed("yjgl.standardization") }}
