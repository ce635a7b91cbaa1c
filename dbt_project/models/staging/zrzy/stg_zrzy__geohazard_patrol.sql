-- One row per reported state of one patrol of a geological hazard point (地质灾害巡查); all versions.
{{ stage_feed("zrzy.geohazard_patrol") }}
