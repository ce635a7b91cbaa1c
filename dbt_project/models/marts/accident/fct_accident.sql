-- One row per accident (事故), latest report, of every domain, counted or not (is_statistical).
select
    accident.accident_id,
    accident.accident_domain,
    coalesce(domain.accident_domain_name, '未知') as accident_domain_name,
    work_group.work_group_code,
    work_group.work_group_name,
    accident.occurred_at,
    accident.occurred_on,
    accident.month_start,
    accident.first_reported_at,
    accident.last_reported_at,
    accident.report_versions,
    accident.district_code,
    {{ known_name("district.area_name", "accident.district_code") }} as district_name,
    {{ event_street("accident", "enterprise") }} as street_code,
    street.street_name,
    street.functional_zone_code,
    accident.uscc,
    enterprise.entity_id,
    coalesce(accident.enterprise_name, enterprise.enterprise_name) as enterprise_name,
    coalesce(accident.industry_code, enterprise.industry_code) as industry_code,
    industry.section_code,
    industry.section_name,
    industry.division_code,
    industry.division_name,
    coalesce(accident.supervising_department, domain.supervising_department) as supervising_department,
    accident.accident_type_code,
    {{ known_name("accident_type.name", "accident.accident_type_code") }} as accident_type_name,
    accident.vehicle_kind,
    {{ code_label("accident", "vehicle_kind", "accident.vehicle_kind") }} as vehicle_kind_name,
    accident.deaths,
    accident.serious_injuries,
    accident.minor_injuries,
    accident.direct_loss_yuan,
    accident.first_reported_deaths,
    graded.grade_code,
    graded.grade_name,
    graded.grade_order,
    graded.grade_rule_version,
    fine_band.fine_from_yuan,
    fine_band.fine_to_yuan,
    accident.is_statistical,
    accident.exclusion_code,
    accident.exclusion_reason,
    accident.is_written_off,
    accident.is_concealed,
    accident.reporting_violation,
    graded.grade_order <= 3 as is_relatively_serious_or_above,
    accident.closed_on,
    accident.statistics_rule_version
from {{ ref("int_accident__latest") }} as accident
left join
    {{ ref("int_accident__graded") }} as graded
    on accident.department_code = graded.department_code
    and accident.accident_id = graded.accident_id
left join
    {{ ref("accident_fine_band") }} as fine_band
    on graded.grade_code = fine_band.grade_code
    and accident.occurred_on >= fine_band.valid_from
    and accident.occurred_on <= fine_band.valid_to
left join {{ ref("accident_domain") }} as domain on accident.accident_domain = domain.accident_domain
left join
    {{ ref("int_accident__work_group") }} as work_group
    on accident.department_code = work_group.department_code
    and accident.accident_id = work_group.accident_id
left join {{ ref("int_core__mention_entity") }} as enterprise on accident._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on accident.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("accident", "enterprise") }} = street.street_code
left join
    {{ ref("dim_industry") }} as industry
    on coalesce(accident.industry_code, enterprise.industry_code) = industry.industry_code
left join {{ ref("code_accident_type") }} as accident_type on accident.accident_type_code = accident_type.code
