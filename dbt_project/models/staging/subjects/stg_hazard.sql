-- One row per reported state of a hazard (隐患); all versions.
{{ unite_subject("hazard") }}
