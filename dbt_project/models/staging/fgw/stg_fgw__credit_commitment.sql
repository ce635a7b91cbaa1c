-- One row per reported state of a credit commitment (信用承诺); all versions.
{{ stage_feed("fgw.credit_commitment") }}
