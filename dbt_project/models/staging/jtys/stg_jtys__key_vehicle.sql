-- One row per reported state of a key vehicle (两客一危一货车辆); all versions.
{{ stage_feed("jtys.key_vehicle") }}
