-- One row per enterprise × unbroken time under policies: islands of [start_on, effective_end_on), joined where a
-- renewal begins on or before the day the cover ends. Policies that were cancelled before they began protect nobody.
with
    protecting as (
        select entity_id, policy_no, insurer, start_on, effective_end_on
        from {{ ref("int_insurance__policy") }}
        where entity_id is not null and effective_end_on > start_on
    ),

    reached as (
        select
            protecting.*,
            max(effective_end_on) over (
                partition by entity_id
                order by start_on asc nulls last, effective_end_on asc nulls last, policy_no asc nulls last
                rows between unbounded preceding and 1 preceding
            ) as covered_before
        from protecting
    ),

    numbered as (
        select
            reached.*,
            sum(case when covered_before >= start_on then 0 else 1 end) over (
                partition by entity_id
                order by start_on asc nulls last, effective_end_on asc nulls last, policy_no asc nulls last
                rows between unbounded preceding and current row
            ) as period_no,
            row_number() over (
                partition by entity_id
                order by start_on asc nulls last, effective_end_on asc nulls last, policy_no asc nulls last
            ) as policy_rank
        from reached
    ),

    ends as (
        select
            numbered.*,
            row_number() over (partition by entity_id, period_no order by policy_rank asc nulls last) as from_first,
            row_number() over (
                partition by entity_id, period_no order by effective_end_on desc nulls last, policy_no desc nulls last
            ) as from_last
        from numbered
    )

select
    entity_id,
    cast(period_no as bigint) as period_no,
    min(start_on) as covered_from,
    max(effective_end_on) as covered_until,
    cast(count(*) as bigint) as policies,
    max(case when from_first = 1 then policy_no end) as first_policy_no,
    max(case when from_last = 1 then policy_no end) as last_policy_no,
    {{ sorted_list("insurer") }} as insurers
from ends
group by entity_id, period_no
