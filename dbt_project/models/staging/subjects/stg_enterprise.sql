-- One row per registration report of an enterprise or small place (主体); all versions.
{{ unite_subject("enterprise") }}
