-- One row per event × month in which it counts on the measuring day and does something: gives points or a colour. The
-- rule set in use for every month; the other versions for the last month of each quarter, which is all that comparing
-- the rules needs.
{{ config(materialized="view") }}

select
    events.rule_version,
    events.is_in_use,
    months.month_start,
    events.entity_id,
    events.event_id,
    events.event_kind,
    events.event_name,
    events.rule_code,
    events.event_on,
    events.counts_until,
    events.points,
    events.cap_group,
    events.cap_points,
    events.override_colour
from {{ ref("int_credit__event") }} as events
join
    {{ ref("int_core__measuring_month") }} as months
    on events.event_on <= months.measured_on
    and (events.counts_until is null or events.counts_until > months.measured_on)
where
    events.entity_id is not null
    and (events.points <> 0 or events.override_colour is not null)
    and (events.is_in_use or extract(month from months.month_start) in (3, 6, 9, 12))
