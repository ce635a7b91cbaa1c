-- One row per reported state of an insurance policy (保单); all versions.
{{ unite_subject("policy") }}
