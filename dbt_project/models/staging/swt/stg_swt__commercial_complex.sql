-- One row per reported state of a commercial complex (商业综合体); all versions.
{{ stage_feed("swt.commercial_complex") }}
