-- One row per reported state of an expert (应急专家); all versions.
{{ stage_feed("yjgl.expert") }}
