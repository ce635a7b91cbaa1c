-- One row per reported state of the check of one lead (疑似未报告核实结果); all versions.
{{ stage_feed("yjgl.accident_lead_check") }}
