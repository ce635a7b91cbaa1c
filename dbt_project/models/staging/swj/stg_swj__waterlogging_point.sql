-- One row per reported state of a waterlogging point (易淹易涝点); all versions.
{{ stage_feed("swj.waterlogging_point") }}
