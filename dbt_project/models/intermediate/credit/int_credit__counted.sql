-- One row per event × month in which it counts on the measuring day and does something: gives points or a colour. The
-- rule set in use for every month; the other versions for the last month of each quarter, which is all that comparing
-- the rules needs.
{{ config(materialized="view") }}

select
    event.rule_version,
    event.is_in_use,
    months.month_start,
    event.entity_id,
    event.event_id,
    event.event_kind,
    event.event_name,
    event.rule_code,
    event.event_on,
    event.counts_until,
    event.points,
    event.cap_group,
    event.cap_points,
    event.override_colour
from {{ ref("int_credit__event") }} as event
join
    {{ ref("int_core__measuring_month") }} as months
    on event.event_on <= months.measured_on
    and (event.counts_until is null or event.counts_until > months.measured_on)
where
    event.entity_id is not null
    and (event.points <> 0 or event.override_colour is not null)
    and (event.is_in_use or extract(month from months.month_start) in (3, 6, 9, 12))
