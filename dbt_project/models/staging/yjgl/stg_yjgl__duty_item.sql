-- One row per reported state of one item of an enterprise's duty list (主体责任清单落实); all versions.
{{ stage_feed("yjgl.duty_item") }}
