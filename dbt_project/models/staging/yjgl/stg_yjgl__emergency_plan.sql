-- One row per reported state of an emergency plan (应急预案); all versions.
{{ stage_feed("yjgl.emergency_plan") }}
