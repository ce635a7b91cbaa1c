-- One row per enterprise × unbroken time in which it must be insured: the intervals of all its reasons, joined where
-- they touch or overlap. in_scope_until is null while no end is known.
with
    -- two lists may give one reason for the same days; without equal rows the order of the windows below is the same
    bounded as (
        select distinct
            entity_id, reason_name, in_scope_from, coalesce(in_scope_until, cast('9999-12-31' as date)) as ends_on
        from {{ ref("int_insurance__scope_interval") }}
    ),

    reached as (
        select
            bounded.*,
            max(ends_on) over (
                partition by entity_id
                order by in_scope_from asc nulls last, ends_on asc nulls last, reason_name asc nulls last
                rows between unbounded preceding and 1 preceding
            ) as reached_before
        from bounded
    ),

    numbered as (
        select
            reached.*,
            sum(case when reached_before >= in_scope_from then 0 else 1 end) over (
                partition by entity_id
                order by in_scope_from asc nulls last, ends_on asc nulls last, reason_name asc nulls last
                rows between unbounded preceding and current row
            ) as period_no
        from reached
    )

select
    entity_id,
    cast(period_no as bigint) as period_no,
    min(in_scope_from) as in_scope_from,
    case when max(ends_on) < cast('9999-12-31' as date) then max(ends_on) end as in_scope_until,
    {{ sorted_list("reason_name") }} as scope_reasons
from numbered
group by entity_id, period_no
