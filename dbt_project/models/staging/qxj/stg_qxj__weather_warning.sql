-- One row per reported state of a weather warning (气象预警); all versions.
{{ stage_feed("qxj.weather_warning") }}
