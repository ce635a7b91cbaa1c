-- One row per check and run (检查结果): former runs here; the publisher adds the run's own.
-- The columns and their order are those of quality.outcome.COLUMNS.
select
    check_id,
    layer,
    subject,
    {{ adapter.quote("column") }},
    expectation,
    label_zh,
    dimension,
    outcome,
    severity,
    observed,
    unexpected_count,
    element_count,
    message,
    owner,
    blocks,
    run_id,
    checked_at
from {{ source("ledger", "check_result") }}
