-- One row per reported state of a drill (应急演练); all versions.
{{ stage_feed("yjgl.drill") }}
