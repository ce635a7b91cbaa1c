-- One row per pull (拉取) from a department's database or interface: what was asked of which server, what came of it, and
-- which batch its file became.
with
    batch as (
        select feed, file, batch_id, status, received
        from
            (
                select
                    *,
                    row_number() over (
                        partition by feed, file order by batch_seq desc nulls last, batch_id desc nulls last
                    ) as newest
                from {{ source("ledger", "batch") }}
                where kind <> 'redrive'
            ) as sent
        where newest = 1
    ),

    -- tries since the one that last brought something: each good pull ends a streak
    streak as (
        select
            *,
            coalesce(
                sum(case when outcome = 'landed' then 1 else 0 end) over (
                    partition by feed, server
                    order by started asc nulls last, pull_id asc nulls last
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as good_before,
            lead(pull_id) over (
                partition by feed, server order by started asc nulls last, pull_id asc nulls last
            ) as next_pull
        from {{ source("ledger", "pull") }}
    )

select
    streak.pull_id,
    streak.feed,
    feed.label as feed_label,
    feed.department_code,
    department.short_name as department_name,
    streak.server,
    streak.mode,
    case streak.mode when 'cursor' then '增量' when 'everything' then '全量' when 'window' then '指定日期' end as mode_name,
    streak.cursor_from as window_from,
    streak.cursor_to as window_to,
    streak.started as started_at,
    streak.ended as ended_at,
    cast(
        row_number() over (
            partition by streak.feed, streak.server, streak.good_before
            order by streak.started asc nulls last, streak.pull_id asc nulls last
        ) as bigint
    ) as attempt,
    streak.outcome,
    case
        when streak.outcome = 'running'
        then '拉取中'
        when streak.outcome = 'failed'
        then '未成功'
        when batch.batch_id is null
        then '已落地，待收数'
        when batch.status = 'refused'
        then '已落地，整份退回'
        else '已收数'
    end as outcome_name,
    streak.next_pull is null as is_latest,
    cast(streak.rows as bigint) as pulled_rows,
    streak.message,
    streak.file,
    batch.batch_id,
    cast(batch.received as bigint) as received
from streak
left join batch on streak.feed = batch.feed and streak.file = batch.file
left join {{ ref("contract_feed") }} as feed on streak.feed = feed.feed
left join {{ ref("contract_department") }} as department on feed.department_code = department.code
