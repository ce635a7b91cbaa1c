-- One row per reported state of a risk source (风险源); all versions.
{{ stage_feed("yjgl.risk_source") }}
