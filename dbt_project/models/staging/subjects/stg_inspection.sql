-- One row per reported state of an inspection (检查), all departments; all versions.
{{ unite_subject("inspection") }}
