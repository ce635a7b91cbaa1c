-- One row per policy × company that carries it, with its running share (share_from … share_until, 0 … 1). The shares
-- that were sent are used when they come to exactly 100 per cent; otherwise the whole policy is its leading company's
-- and share_basis says so, so that the companies together always come to the policies.
with
    told as (
        select
            policy_no, insurer, max(case when is_lead then 1 else 0 end) as is_lead, sum(share_percent) as share_percent
        from ({{ latest_standing(ref("stg_jrjg__policy_share"), ["share_id"]) }}) as latest
        group by policy_no, insurer
    ),

    complete as (select policy_no from told group by policy_no having sum(share_percent) = 100),

    used as (
        select told.policy_no, told.insurer, told.is_lead = 1 as is_lead, told.share_percent, 'agreed' as share_basis
        from told
        join complete on complete.policy_no = told.policy_no
        where told.share_percent > 0
        union all
        select policy.policy_no, policy.insurer, 1 = 1, cast(100 as decimal(18, 2)), 'lead'
        from {{ ref("int_insurance__policy") }} as policy
        left join complete on complete.policy_no = policy.policy_no
        where complete.policy_no is null
    )

select
    used.policy_no,
    used.insurer,
    used.is_lead,
    used.share_basis,
    cast(used.share_percent as decimal(7, 4)) as share_percent,
    cast(
        cast(running_percent - share_percent as decimal(9, 4)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6)
    ) as share_from,
    cast(cast(running_percent as decimal(9, 4)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6)) as share_until
from
    (
        select
            used.*,
            sum(share_percent) over (
                partition by policy_no
                order by share_percent desc nulls last, insurer asc nulls last
                rows between unbounded preceding and current row
            ) as running_percent
        from used
    ) as used
join {{ ref("int_insurance__policy") }} as policy on policy.policy_no = used.policy_no
