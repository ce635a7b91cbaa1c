-- One row per reported state of a reported occupational disease (职业病报告); all versions.
{{ stage_feed("wjw.occupational_disease") }}
