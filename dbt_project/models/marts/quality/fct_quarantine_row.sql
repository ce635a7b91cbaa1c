-- One row per refused row (被退回的记录): where it stands and why; its content is never here.
select
    refused.quarantine_id,
    refused.batch_id,
    refused.feed,
    feed.label as feed_label,
    refused.department,
    department.short_name as department_name,
    refused.file,
    refused.sheet,
    refused.row_number,
    refused.reason_codes,
    case
        when position(',' in refused.reason_codes) = 0
        then reason.label
        else
            reason.label
            || ' 等 '
            || cast(length(refused.reason_codes) - length(replace(refused.reason_codes, ',', '')) + 1 as varchar)
            || ' 项'
    end as reason_name,
    refused.dimension,
    refused.columns,
    refused.first_seen,
    refused.state,
    {{ settlement_name("refused.state") }} as state_name,
    refused.attempts,
    refused.last_tried,
    refused.waits_until,
    refused.corrected_by
from {{ source("ledger", "quarantine_row") }} as refused
left join {{ ref("contract_feed") }} as feed on refused.feed = feed.feed
left join {{ ref("contract_department") }} as department on refused.department = department.code
left join {{ ref("contract_reason") }} as reason on split_part(refused.reason_codes, ',', 1) = reason.code
