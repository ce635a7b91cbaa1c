-- One row per reported state of one district and month (道路交通事故月报); all versions.
{{ stage_feed("gaj.road_traffic_month") }}
