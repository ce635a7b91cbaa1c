-- One row per reported state of one application for credit repair (信用修复); all versions.
{{ stage_feed("fgw.credit_repair") }}
