-- One row per reported state of a stock of emergency material (应急物资); all versions.
{{ stage_feed("yjgl.emergency_material") }}
