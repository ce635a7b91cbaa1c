-- One row per inspection that found hazards where the enterprise's own checks shortly before had found none or far
-- fewer (宁波：企业自查少于监管检查即立案). Which kinds of inspection are set against own checks is a rule of its own
-- (self_check_inspection_kind): a recheck looks for what was found before, a complaint or an accident brings a visit of
-- its own. Who had not checked at all is no case of this kind and is not here.
with
    inspected as (
        select
            concat(inspection.department_code, ':', inspection.inspection_id) as inspection_key,
            inspection.department_code,
            inspection.inspection_id,
            inspection.inspected_on,
            inspection.hazards_found,
            inspection.major_hazards_found,
            entity.entity_id,
            rule.rule_version,
            rule.self_check_window_days,
            rule.self_check_far_less_share
        from {{ ref("int_inspection__latest") }} as inspection
        inner join {{ ref("int_inspection__rule") }} as rule on inspection.hazards_found >= rule.self_check_min_hazards
        inner join
            {{ ref("self_check_inspection_kind") }} as counted
            on inspection.inspection_kind = counted.inspection_kind
            and rule.rule_version = counted.rule_version
            and {{ as_of() }} between counted.valid_from and counted.valid_to
        inner join {{ ref("int_core__mention_entity") }} as entity on inspection._mention_key = entity.mention_key
    ),

    own as (
        select entity_id, checked_on, count(*) as checks, sum(hazards_found) as hazards_found
        from {{ ref("int_inspection__self_check_latest") }}
        where entity_id is not null
        group by entity_id, checked_on
    ),

    compared as (
        select
            inspected.inspection_key,
            inspected.department_code,
            inspected.inspection_id,
            inspected.inspected_on,
            inspected.entity_id,
            inspected.hazards_found,
            inspected.major_hazards_found,
            inspected.rule_version,
            inspected.self_check_far_less_share,
            cast(sum(own.checks) as bigint) as self_checks,
            cast(sum(own.hazards_found) as bigint) as self_hazards_found,
            max(own.checked_on) as last_self_check_on
        from inspected
        inner join
            own
            on inspected.entity_id = own.entity_id
            and {{ days_between("own.checked_on", "inspected.inspected_on") }}
            between 1 and inspected.self_check_window_days
        group by
            inspected.inspection_key,
            inspected.department_code,
            inspected.inspection_id,
            inspected.inspected_on,
            inspected.entity_id,
            inspected.hazards_found,
            inspected.major_hazards_found,
            inspected.rule_version,
            inspected.self_check_far_less_share
    )

select
    inspection_key,
    department_code,
    inspection_id,
    inspected_on,
    entity_id,
    hazards_found,
    major_hazards_found,
    self_checks,
    self_hazards_found,
    last_self_check_on,
    case when self_hazards_found = 0 then 'none_found' else 'far_less' end as gap_kind,
    rule_version
from compared
where self_hazards_found = 0 or self_hazards_found < self_check_far_less_share * hazards_found
