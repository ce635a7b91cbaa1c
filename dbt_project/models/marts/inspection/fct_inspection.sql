-- One row per inspection (检查) of a department, latest state.
with
    filed as (
        select department_code, inspection_id, count(*) as cases
        from {{ ref("int_inspection__penalty_latest") }}
        where inspection_id is not null
        group by department_code, inspection_id
    ),

    keyed as (
        select *, concat(department_code, ':', inspection_id) as inspection_key from {{ ref("int_inspection__latest") }}
    )

select
    inspection.inspection_key,
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
    inspection.document_no,
    inspection.joint_task_no,
    inspection.joint_task_no is not null or inspection.inspection_kind = 'joint' as is_joint,
    inspection.handling,
    {{ code_label("inspection", "handling", "inspection.handling") }} as handling_name,
    inspection.decision_no,
    coalesce(filed.cases, 0) as cases_filed,
    duplicate.is_repeatable,
    duplicate.is_duplicate
from keyed as inspection
left join {{ ref("int_inspection__duplicate") }} as duplicate on inspection.inspection_key = duplicate.inspection_key
left join filed on inspection.department_code = filed.department_code and inspection.inspection_id = filed.inspection_id
left join {{ ref("int_core__mention_entity") }} as enterprise on inspection._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on inspection.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("inspection", "enterprise") }} = street.street_code
