-- One row per inspection (检查) of a department, latest state.
select
    concat(inspection.department_code, ':', inspection.inspection_id) as inspection_key,
    inspection.inspection_id,
    inspection.department_code,
    inspection.inspected_on,
    {{ month_start("inspection.inspected_on") }} as month_start,
    inspection.district_code,
    {{ known_name("district.area_name", "inspection.district_code") }} as district_name,
    {{ event_street("inspection", "enterprise") }} as street_code,
    street.functional_zone_code,
    inspection.uscc,
    enterprise.entity_id,
    inspection.enterprise_name,
    inspection.inspection_kind,
    {{ code_label("inspection", "inspection_kind", "inspection.inspection_kind") }} as inspection_kind_name,
    inspection.inspection_kind = 'random' as is_random,
    inspection.inspection_kind = 'recheck' as is_recheck,
    inspection.hazards_found,
    inspection.major_hazards_found,
    inspection.document_no
from {{ ref("int_inspection__latest") }} as inspection
left join {{ ref("int_core__mention_entity") }} as enterprise on inspection._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on inspection.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("inspection", "enterprise") }} = street.street_code
