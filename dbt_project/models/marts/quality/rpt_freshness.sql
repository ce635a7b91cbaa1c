-- One row per feed: when it last arrived, when the next was due, and whether it is late on as_of (到数及时性).
-- Due = the last file's data date + the contract's frequency and latency, as ingest/storage/freshness.py has it;
-- here to the day: a feed whose moment falls on as_of is late by the end of that day.
with
    last_batch as (
        select feed, max(coalesce(data_until, received_on)) as last_batch_on
        from {{ source("ledger", "batch") }}
        where status = 'loaded' and (kind <> 'redrive' or data_until is not null)
        group by feed
    ),

    due as (
        select
            feed.feed,
            feed.label as feed_label,
            department.short_name as department_name,
            last_batch.last_batch_on,
            {{
                add_days(
                    "last_batch.last_batch_on",
                    "(cast(feed.frequency_days as bigint) + floor(cast(feed.latency_hours as double) / 24))",
                )
            }} as due_by
        from {{ ref("contract_feed") }} as feed
        inner join {{ ref("contract_department") }} as department on feed.department_code = department.code
        left join last_batch on feed.feed = last_batch.feed
    )

select
    feed,
    feed_label,
    department_name,
    last_batch_on,
    due_by,
    case when last_batch_on is null then 'never' when due_by <= {{ as_of() }} then 'late' else 'fresh' end as state,
    case when last_batch_on is null then '从未到数' when due_by <= {{ as_of() }} then '逾期未到' else '按时' end as state_name
from due
