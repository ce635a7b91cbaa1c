-- One row per reported state of a claim (赔案); all versions.
{{ unite_subject("claim") }}
