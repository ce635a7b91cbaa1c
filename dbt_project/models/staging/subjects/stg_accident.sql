-- One row per report of an accident (事故), work and road; all versions.
{{ unite_subject("accident") }}
