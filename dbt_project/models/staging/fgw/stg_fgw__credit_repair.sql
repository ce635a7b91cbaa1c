-- One row per reported state of one application for credit repair (信用修复); all versions.
select
    repair_id,
    case_no,
    entry_id,
    uscc,
    applied_on,
    accepted_on,
    decided_on,
    decision,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "fgw__credit_repair") }}
