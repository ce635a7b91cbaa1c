-- One row per reported state of a fire (火灾); all versions.
{{ stage_feed("xfjy.fire_incident") }}
