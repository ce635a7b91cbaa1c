-- One row per reported state of one self-check of an enterprise (企业自查); all versions.
{{ stage_feed("yjgl.self_check") }}
