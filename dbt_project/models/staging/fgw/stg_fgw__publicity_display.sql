-- One row per reported state of one piece of information that the credit platform displays (双公示在示清单); all versions.
{{ stage_feed("fgw.publicity_display") }}
