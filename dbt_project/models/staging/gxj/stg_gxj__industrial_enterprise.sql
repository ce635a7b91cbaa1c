-- One row per reported state of an industrial enterprise above designated size (规模以上工业企业); all versions.
{{ stage_feed("gxj.industrial_enterprise") }}
