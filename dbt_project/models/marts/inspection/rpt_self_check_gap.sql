-- One row per inspection that found much where the enterprise's own checks just before had found nothing or far less:
-- candidates for a case, work list.
with
    filed as (
        select department_code, inspection_id, min(case_no) as case_no
        from {{ ref("int_inspection__penalty_latest") }}
        where inspection_id is not null
        group by department_code, inspection_id
    )

select
    gap.inspection_key,
    gap.inspection_id,
    gap.department_code,
    department.short_name as department_name,
    gap.inspected_on,
    inspection.inspection_kind_name,
    gap.hazards_found,
    gap.major_hazards_found,
    gap.self_checks,
    gap.self_hazards_found,
    gap.last_self_check_on,
    gap.gap_kind,
    case gap.gap_kind when 'none_found' then '自查未发现' when 'far_less' then '自查远少于监管' end as gap_kind_name,
    filed.case_no,
    filed.case_no is not null as is_filed,
    case
        when filed.case_no is not null
        then '已立案，核对是否包含未如实自查'
        when gap.major_hazards_found > 0
        then '有重大隐患未自查出，建议立案'
        else '核查自查记录是否属实，建议立案或约谈'
    end as what_to_do,
    inspection.district_code,
    inspection.district_name,
    inspection.functional_zone_code,
    inspection.uscc,
    gap.entity_id,
    inspection.enterprise_name,
    gap.rule_version
from {{ ref("int_inspection__self_check_gap") }} as gap
inner join {{ ref("fct_inspection") }} as inspection on gap.inspection_key = inspection.inspection_key
left join filed on gap.department_code = filed.department_code and gap.inspection_id = filed.inspection_id
left join {{ ref("dim_department") }} as department on gap.department_code = department.department_code
