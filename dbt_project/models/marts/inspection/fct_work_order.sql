-- One row per work order (工单) of a department, latest state: issued → acknowledged → closed against its time limit.
select
    concat(work_order.source_feed, ':', work_order.order_id) as order_key,
    work_order.order_id,
    work_order.department_code,
    work_order.source_feed as feed,
    feed.label as feed_label,
    work_order.order_kind,
    {{ code_label_or_text("work_order", "order_kind", "work_order.order_kind", "work_order.source_feed") }}
    as order_kind_name,
    work_order.source_level,
    {{ code_label_or_text("work_order", "source_level", "work_order.source_level", "work_order.source_feed") }}
    as source_level_name,
    work_order.issued_at,
    {{ month_start("work_order.issued_at") }} as month_start,
    work_order.acknowledged_at,
    work_order.due_at,
    work_order.closed_at,
    work_order.order_status,
    {{ code_label_or_text("work_order", "order_status", "work_order.order_status", "work_order.source_feed") }}
    as order_status_name,
    work_order.closed_at is not null and cast(work_order.closed_at as date) <= {{ as_of() }} as is_closed,
    work_order.closed_at is not null and work_order.closed_at <= work_order.due_at as is_closed_on_time,
    (work_order.closed_at is null or cast(work_order.closed_at as date) > {{ as_of() }})
    and cast(work_order.due_at as date) < {{ as_of() }} as is_overdue,
    work_order.district_code,
    {{ known_name("district.area_name", "work_order.district_code") }} as district_name,
    {{ event_street("work_order", "enterprise") }} as street_code,
    street.functional_zone_code,
    work_order.uscc,
    enterprise.entity_id,
    work_order.enterprise_name,
    {{ as_of() }} as as_of
from ({{ standing(ref("int_inspection__work_order_last_sent")) }}) as work_order
left join {{ ref("int_core__mention_entity") }} as enterprise on work_order._mention_key = enterprise.mention_key
left join {{ ref("contract_feed") }} as feed on work_order.source_feed = feed.feed
left join {{ ref("dim_district") }} as district on work_order.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("work_order", "enterprise") }} = street.street_code
