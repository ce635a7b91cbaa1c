-- One row per enterprise × month × kind of event that counts on the measuring day, deductions capped by kind.
with
    counted as (
        select
            months.month_start,
            events.entity_id,
            events.event_kind,
            count(*) as events,
            - sum(events.points) as uncapped_points,
            min(events.cap_points) as cap_points
        from {{ ref("int_credit__event") }} as events
        join
            {{ ref("int_core__measuring_month") }} as months
            on events.event_on <= months.measured_on
            and (events.counts_until is null or events.counts_until > months.measured_on)
        where events.entity_id is not null
        group by months.month_start, events.entity_id, events.event_kind
    )

select
    month_start,
    entity_id,
    event_kind,
    cast(events as bigint) as events,
    cast(least(uncapped_points, coalesce(cap_points, uncapped_points)) as decimal(8, 2)) as deduction_points
from counted
