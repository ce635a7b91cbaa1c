-- One row per file taken in (批次).
select
    batch.batch_id,
    batch.batch_seq,
    batch.feed,
    feed.label as feed_label,
    batch.department,
    department.short_name as department_name,
    batch.file,
    batch.sha256,
    cast(batch.bytes as bigint) as bytes,
    batch.received_on,
    batch.run_id,
    batch.status,
    case batch.status when 'loaded' then '已入库' when 'refused' then '整份退回' end as status_name,
    batch.reason_code,
    batch.reason_message,
    cast(batch.received as bigint) as received,
    cast(batch.loaded as bigint) as loaded,
    cast(batch.refused as bigint) as refused,
    cast(batch.duplicate as bigint) as duplicate,
    cast(batch.furniture as bigint) as furniture,
    batch.lake_file,
    batch.lake_sha256,
    batch.is_synthetic,
    batch.taken_at,
    batch.data_until
from {{ source("ledger", "batch") }} as batch
left join {{ ref("contract_feed") }} as feed on batch.feed = feed.feed
left join {{ ref("contract_department") }} as department on batch.department = department.code
