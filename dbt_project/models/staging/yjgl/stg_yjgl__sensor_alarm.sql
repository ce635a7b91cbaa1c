-- One row per reported state of one day's alarms of a monitored source (重大危险源报警日汇总); all versions.
{{ stage_feed("yjgl.sensor_alarm") }}
