-- One row per reported state of one application for a person's credit repair (严重失信人员信用修复); all versions.
{{ stage_feed("fgw.credit_repair_person") }}
