-- One row per reported state of a casualty of an accident (事故伤亡人员), who it was left out; all versions.
{{ stage_feed("yjgl.accident_casualty") }}
