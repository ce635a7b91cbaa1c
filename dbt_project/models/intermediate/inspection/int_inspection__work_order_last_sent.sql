-- One row per work order (工单) of a department as it was last sent, withdrawn or not; carried from build to build.
{{ last_sent(ref("stg_work_order"), ["department_code", "source_feed", "order_id"]) }}
