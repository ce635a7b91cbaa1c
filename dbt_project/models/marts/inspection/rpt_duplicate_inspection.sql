-- One row per duplicate inspection (重复检查): the later of two, with the one before it. Where it follows both another
-- department's and its own, the nearer is named.
with
    chosen as (
        select
            *,
            is_duplicate_other
            and (not is_duplicate_same or same_on is null or coalesce(other_on >= same_on, false)) as names_other
        from {{ ref("int_inspection__duplicate") }}
        where is_duplicate
    )

select
    inspection.inspection_key,
    inspection.inspection_id,
    inspection.department_code,
    department.short_name as department_name,
    inspection.inspected_on,
    inspection.inspection_kind,
    inspection.inspection_kind_name,
    inspection.hazards_found,
    case when chosen.names_other then 'other_department' else 'same_department' end as duplicate_scope,
    case when chosen.names_other then '跨部门' else '同一部门' end as duplicate_scope_name,
    chosen.is_duplicate_other,
    chosen.is_duplicate_same,
    case when chosen.names_other then chosen.other_key else chosen.same_key end as earlier_inspection_key,
    case
        when chosen.names_other then other_department.short_name else department.short_name
    end as earlier_department_name,
    case when chosen.names_other then chosen.other_on else chosen.same_on end as earlier_inspected_on,
    {{
        days_between(
            "case when chosen.names_other then chosen.other_on else chosen.same_on end", "inspection.inspected_on"
        )
    }} as days_apart,
    case when chosen.names_other then chosen.duplicate_other_days else chosen.duplicate_same_days end as rule_days,
    case when chosen.names_other then '并入联合检查任务' else '合并计划，减少上门' end as what_to_do,
    inspection.district_code,
    inspection.district_name,
    inspection.functional_zone_code,
    inspection.uscc,
    inspection.entity_id,
    inspection.enterprise_name,
    chosen.rule_version
from chosen
inner join {{ ref("fct_inspection") }} as inspection on chosen.inspection_key = inspection.inspection_key
left join {{ ref("dim_department") }} as department on inspection.department_code = department.department_code
left join {{ ref("dim_department") }} as other_department on chosen.other_department = other_department.department_code
