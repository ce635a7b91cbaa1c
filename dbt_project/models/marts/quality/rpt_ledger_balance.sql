-- One row per feed: received = loaded + refused + duplicate, over all its files (台账平衡). Redrives are left out: their
-- rows were received, and refused, with the file they first came in.
select
    feed.feed,
    feed.label as feed_label,
    feed.department_code,
    department.short_name as department_name,
    cast(coalesce(sum(batch.received), 0) as bigint) as received,
    cast(coalesce(sum(batch.loaded), 0) as bigint) as loaded,
    cast(coalesce(sum(batch.refused), 0) as bigint) as refused,
    cast(coalesce(sum(batch.duplicate), 0) as bigint) as duplicate,
    coalesce(sum(batch.received), 0)
    = coalesce(sum(batch.loaded), 0)
    + coalesce(sum(batch.refused), 0)
    + coalesce(sum(batch.duplicate), 0) as is_balanced
from {{ ref("contract_feed") }} as feed
inner join {{ ref("contract_department") }} as department on feed.department_code = department.code
left join {{ source("ledger", "batch") }} as batch on feed.feed = batch.feed and batch.kind <> 'redrive'
group by feed.feed, feed.label, feed.department_code, department.short_name
