-- One row per reported state of a shelter (避难场所); all versions.
{{ stage_feed("yjgl.shelter") }}
