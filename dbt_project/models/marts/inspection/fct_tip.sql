-- One row per tip (举报线索) of a department, latest state. Who reported it never leaves the lake.
select
    concat(tip.department_code, ':', tip.tip_id) as tip_key,
    tip.tip_id,
    tip.department_code,
    tip.channel,
    {{ code_label("tip", "channel", "tip.channel") }} as channel_name,
    tip.category,
    {{ code_label_or_text("tip", "category", "tip.category", "tip.source_feed") }} as category_name,
    tip.received_at,
    {{ month_start("tip.received_at") }} as month_start,
    tip.due_on,
    tip.closed_on,
    tip.closed_on is not null and tip.closed_on <= {{ as_of() }} as is_closed,
    tip.closed_on is not null and tip.closed_on <= tip.due_on as is_closed_on_time,
    (tip.closed_on is null or tip.closed_on > {{ as_of() }}) and tip.due_on < {{ as_of() }} as is_overdue,
    {{ days_between("cast(tip.received_at as date)", "tip.closed_on") }} as days_to_close,
    tip.is_verified,
    tip.reward_yuan,
    tip.district_code,
    {{ known_name("district.area_name", "tip.district_code") }} as district_name,
    {{ event_street("tip", "enterprise") }} as street_code,
    street.functional_zone_code,
    tip.uscc,
    enterprise.entity_id,
    tip.enterprise_name,
    {{ as_of() }} as as_of
from ({{ standing(ref("int_inspection__tip_last_sent")) }}) as tip
left join {{ ref("int_core__mention_entity") }} as enterprise on tip._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on tip.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("tip", "enterprise") }} = street.street_code
