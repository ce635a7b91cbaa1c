-- One row per hazard (隐患), latest state, judged on as_of. A deadline that falls on as_of itself is due (应整改), but
-- overdue (逾期) only from the day after: the last day still belongs to the one who rectifies, as credit has it too.
with
    judged as (
        select
            *,
            deadline_on <= {{ as_of() }} as is_due,
            deadline_on < {{ as_of() }} and not coalesce(rectified_on <= {{ as_of() }}, false) as is_overdue,
            coalesce(rectified_on <= {{ as_of() }}, false) as is_rectified,
            coalesce(rectified_on <= {{ as_of() }} and rectified_on <= deadline_on, false) as is_rectified_on_time
        from {{ ref("int_hazard__latest") }}
    )

select
    hazard.hazard_id,
    hazard.inspection_id,
    hazard.department_code,
    hazard.found_on,
    {{ month_start("hazard.found_on") }} as month_start,
    hazard.deadline_on,
    {{ month_start("hazard.deadline_on") }} as deadline_month,
    hazard.rectified_on,
    hazard.rechecked_on,
    hazard.closed_on,
    hazard.level,
    {{ code_label("hazard", "level", "hazard.level") }} as level_name,
    hazard.category,
    hazard.listed_level,
    {{ code_label("hazard", "listed_level", "hazard.listed_level") }} as listed_level_name,
    hazard.district_code,
    {{ known_name("district.area_name", "hazard.district_code") }} as district_name,
    {{ event_street("hazard", "enterprise") }} as street_code,
    street.functional_zone_code,
    hazard.uscc,
    enterprise.entity_id,
    hazard.enterprise_name,
    hazard.is_due,
    hazard.is_rectified,
    hazard.is_rectified_on_time,
    hazard.is_overdue,
    case when hazard.is_overdue then {{ days_between("hazard.deadline_on", as_of()) }} end as overdue_days,
    {{ as_of() }} as as_of
from judged as hazard
left join {{ ref("int_core__mention_entity") }} as enterprise on hazard._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on hazard.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("hazard", "enterprise") }} = street.street_code
