-- One row per reported state of one entry of an enterprise under one key type (重点监管名单); all versions.
{{ stage_feed("yjgl.key_supervision_list") }}
