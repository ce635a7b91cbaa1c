-- One row per feed (一类数据): when it came, on time or late, how much of it, how much was refused, why, and what became
-- of that since. What a steward opens first in the morning.
with
    batch as (
        select
            feed,
            cast(count(*) as bigint) as files,
            cast(count(case when status = 'refused' then 1 end) as bigint) as refused_files
        from {{ source("ledger", "batch") }}
        where kind <> 'redrive'
        group by feed
    ),

    refused_row as (
        select
            feed,
            cast(count(case when state = 'open' then 1 end) as bigint) as open_rows,
            cast(count(case when state = 'waiting' then 1 end) as bigint) as waiting_rows,
            cast(count(case when state = 'corrected' then 1 end) as bigint) as corrected_rows,
            cast(count(case when state = 'waived' then 1 end) as bigint) as waived_rows
        from {{ ref("fct_quarantine_row") }}
        group by feed
    ),

    reason as (
        select
            feed,
            reason_name,
            row_number() over (partition by feed order by refusals desc nulls last, reason_name asc nulls last) as place
        from
            (
                select feed, reason_name, count(*) as refusals
                from {{ ref("fct_quarantine_row") }}
                where state in ('open', 'waiting')
                group by feed, reason_name
            ) as counted
    )

select
    balance.feed,
    balance.feed_label,
    balance.department_code,
    balance.department_name,
    cast(department.display_order as bigint) as department_order,
    freshness.last_batch_on,
    freshness.due_by,
    freshness.state,
    freshness.state_name,
    coalesce(batch.files, 0) as files,
    coalesce(batch.refused_files, 0) as refused_files,
    balance.received,
    balance.loaded,
    balance.refused,
    balance.duplicate,
    {{ ratio("balance.refused", "balance.received") }} as refused_ratio,
    reason.reason_name as main_reason_name,
    coalesce(refused_row.open_rows, 0) as open_rows,
    coalesce(refused_row.waiting_rows, 0) as waiting_rows,
    coalesce(refused_row.corrected_rows, 0) as corrected_rows,
    coalesce(refused_row.waived_rows, 0) as waived_rows,
    balance.is_balanced
from {{ ref("rpt_ledger_balance") }} as balance
inner join {{ ref("rpt_freshness") }} as freshness on balance.feed = freshness.feed
inner join {{ ref("contract_department") }} as department on balance.department_code = department.code
left join batch on balance.feed = batch.feed
left join refused_row on balance.feed = refused_row.feed
left join reason on balance.feed = reason.feed and reason.place = 1
