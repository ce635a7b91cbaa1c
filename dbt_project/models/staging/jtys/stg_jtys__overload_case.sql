-- One row per reported state of an overload case (超限超载案件); all versions.
{{ stage_feed("jtys.overload_case") }}
