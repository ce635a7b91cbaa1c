-- One row per reported state of a waste transfer manifest (危险废物转移联单); all versions.
{{ stage_feed("sthj.waste_manifest") }}
