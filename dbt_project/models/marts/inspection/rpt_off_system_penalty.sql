-- One row per record that the case system should hold and does not (体外循环), or per decision taken without telling the
-- party first: work list. A decision number on an inspection record without a case, an inspection to be filed that was
-- not within the limit, a case decided without notice.
with
    inspected as (
        select
            concat(inspection.department_code, ':', inspection.inspection_id) as source_key,
            inspection.department_code,
            inspection.inspection_id,
            cast(null as varchar) as case_no,
            inspection.decision_no,
            inspection.inspected_on as since_on,
            inspection.handling,
            inspection.district_code,
            inspection.uscc,
            inspection.enterprise_name,
            inspection._mention_key
        from {{ ref("int_inspection__latest") }} as inspection
        left join
            {{ ref("int_inspection__penalty_latest") }} as penalty
            on inspection.department_code = penalty.department_code
            and inspection.inspection_id = penalty.inspection_id
        where penalty.case_no is null
    ),

    decided as (
        select distinct department_code, decision_no
        from {{ ref("int_inspection__penalty_latest") }}
        where decision_no is not null
    ),

    found as (
        select inspected.*, 'decision_without_case' as problem_kind
        from inspected
        left join
            decided
            on inspected.department_code = decided.department_code
            and inspected.decision_no = decided.decision_no
        where inspected.decision_no is not null and decided.decision_no is null
        union all
        select inspected.*, 'filed_without_case'
        from inspected
        inner join
            {{ ref("enforcement_limit") }} as time_limit
            on time_limit.limit_code = 'file_case'
            and inspected.since_on between time_limit.valid_from and time_limit.valid_to
            and {{ days_between("inspected.since_on", as_of()) }} > time_limit.limit_days
        where inspected.handling = 'filed' and inspected.decision_no is null
        union all
        select
            concat(department_code, ':', case_no),
            department_code,
            inspection_id,
            case_no,
            decision_no,
            decided_on,
            cast(null as varchar),
            district_code,
            uscc,
            enterprise_name,
            _mention_key,
            'decided_without_notice'
        from {{ ref("int_inspection__penalty_latest") }}
        where
            decided_on is not null
            and investigated_on is not null
            and coalesce(notified_on > decided_on, notified_on is null)
    )

select
    found.source_key,
    found.problem_kind,
    case
        found.problem_kind
        when 'decision_without_case'
        then '有处罚决定无案件'
        when 'filed_without_case'
        then '应立案未立案'
        when 'decided_without_notice'
        then '决定前未告知'
    end as problem_name,
    found.department_code,
    department.short_name as department_name,
    found.inspection_id,
    found.case_no,
    found.decision_no,
    found.since_on,
    {{ days_between("found.since_on", as_of()) }} as days_since,
    case
        found.problem_kind
        when 'decision_without_case'
        then '核对办案系统，补录案件；属当场处罚的补录案号'
        when 'filed_without_case'
        then '在办案系统立案，或写明不予立案的理由'
        when 'decided_without_notice'
        then '法制机构核查程序，补录告知环节或依法纠正'
    end as what_to_do,
    found.district_code,
    {{ known_name("district.area_name", "found.district_code") }} as district_name,
    found.uscc,
    enterprise.entity_id,
    found.enterprise_name,
    {{ as_of() }} as as_of
from found
left join {{ ref("int_core__mention_entity") }} as enterprise on found._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on found.district_code = district.area_code
left join {{ ref("dim_department") }} as department on found.department_code = department.department_code
