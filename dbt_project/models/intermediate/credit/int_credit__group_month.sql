-- One row per rule version × month × enterprise × cap group (events without a cap share the group '-'): points before
-- and after the cap. A cap limits what a group takes away or adds, whichever its rules do.
with
    summed as (
        select
            rule_version,
            month_start,
            entity_id,
            coalesce(cap_group, '-') as cap_group,
            count(case when points < 0 then 1 end) as deducting_events,
            sum(case when points < 0 then points else 0 end) as deducted,
            sum(case when points > 0 then points else 0 end) as added,
            min(case when cap_group is not null then cap_points end) as cap_points,
            max(override_order.colour_order) as override_order,
            max(case when event_kind = 'blacklist' then 1 else 0 end) as blacklistings
        from {{ ref("int_credit__counted") }} as counted
        left join
            (
                select rule_version as banded_version, colour, colour_order from {{ ref("credit_colour_band") }}
            ) as override_order
            on override_order.banded_version = counted.rule_version
            and override_order.colour = counted.override_colour
        group by rule_version, month_start, entity_id, coalesce(cap_group, '-')
    )

select
    rule_version,
    month_start,
    entity_id,
    cap_group,
    cast(deducting_events as bigint) as deducting_events,
    cast(deducted + added as decimal(10, 2)) as points_before_cap,
    cast(- least(- deducted, coalesce(cap_points, - deducted)) as decimal(10, 2)) as deducted,
    cast(least(added, coalesce(cap_points, added)) as decimal(10, 2)) as added,
    cast(cap_points as decimal(8, 2)) as cap_points,
    cast(override_order as bigint) as override_order,
    blacklistings > 0 as is_blacklisted
from summed
