-- One row per reported state of one manually reported indicator of a unit and period (填报指标); all versions.
{{ stage_feed("khb.manual_indicator") }}
