-- One row per reported state of a piece of special equipment (特种设备); all versions.
{{ stage_feed("scjg.special_equipment") }}
