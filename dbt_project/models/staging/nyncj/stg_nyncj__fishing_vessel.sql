-- One row per reported state of a fishing vessel (渔业船舶); all versions.
{{ stage_feed("nyncj.fishing_vessel") }}
