-- One row per reported state of a permit for civil explosives (民爆许可); all versions.
{{ stage_feed("gaj.explosive_permit") }}
