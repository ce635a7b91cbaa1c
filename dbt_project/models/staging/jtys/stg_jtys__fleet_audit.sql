-- One row per reported state of one safety audit of a carrier (运输企业保险安全审计); all versions.
{{ stage_feed("jtys.fleet_audit") }}
