-- One row per step in the life of a refused row (退回记录的处理留痕): tried again, corrected, waived. Who did it stays on the
-- ledger: a person's name is not published.
select
    cast(event.event_id as bigint) as event_id,
    event.quarantine_id,
    refused.feed,
    feed.label as feed_label,
    refused.department,
    department.short_name as department_name,
    event.at as event_at,
    event.action,
    event.reason,
    event.batch_id
from {{ source("ledger", "quarantine_event") }} as event
left join {{ source("ledger", "quarantine_row") }} as refused on event.quarantine_id = refused.quarantine_id
left join {{ ref("contract_feed") }} as feed on refused.feed = feed.feed
left join {{ ref("contract_department") }} as department on refused.department = department.code
