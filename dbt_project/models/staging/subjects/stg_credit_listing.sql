-- One row per reported state of one entry of a credit list (信用名单: 红名单, 严重失信主体名单); all departments; all versions.
{{ unite_subject("credit_listing") }}
