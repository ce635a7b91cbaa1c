-- One row per reported state of a recognised work injury (工伤认定); all versions.
{{ stage_feed("rsj.work_injury") }}
