-- One row per reported state of a work order (工单: 响应工单, 督导问题…), all departments; all versions.
{{ unite_subject("work_order") }}
