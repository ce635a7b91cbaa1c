-- One row per reported state of one risk report of an enterprise (企业安全风险报告); all versions.
{{ stage_feed("yjgl.risk_report") }}
