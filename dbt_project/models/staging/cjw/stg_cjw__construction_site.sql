-- One row per reported state of a construction site (建筑工地); all versions.
{{ stage_feed("cjw.construction_site") }}
