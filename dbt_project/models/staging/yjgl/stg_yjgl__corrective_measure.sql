-- One row per reported state of one corrective measure (事故整改措施); all versions.
{{ stage_feed("yjgl.corrective_measure") }}
