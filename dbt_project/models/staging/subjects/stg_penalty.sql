-- One row per reported state of a penalty case (处罚); all versions.
{{ unite_subject("penalty") }}
