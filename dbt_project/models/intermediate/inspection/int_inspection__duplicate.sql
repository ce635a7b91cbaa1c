-- One row per inspection: was the same entity inspected shortly before, by another department or by the same one, and
-- is this inspection exempt. Complaints, accidents, rechecks and great events count on neither side; a joint task is no
-- duplicate, but an inspection soon after it is one. Windows by entity, never pairs: a few have a thousand inspections.
with
    inspection as (
        select
            concat(inspection.department_code, ':', inspection.inspection_id) as inspection_key,
            inspection.department_code,
            inspection.inspected_on,
            entity.entity_id,
            rule.rule_version,
            rule.duplicate_other_days,
            rule.duplicate_same_days,
            coalesce(
                exemption.exempt_as, case when inspection.joint_task_no is not null then 'later' end, 'none'
            ) as exempt_as,
            coalesce(exemption.reason, case when inspection.joint_task_no is not null then '联合检查' end) as exempt_reason
        from {{ ref("int_inspection__latest") }} as inspection
        cross join {{ ref("int_inspection__rule") }} as rule
        left join {{ ref("int_core__mention_entity") }} as entity on inspection._mention_key = entity.mention_key
        left join
            {{ ref("duplicate_inspection_exemption") }} as exemption
            on inspection.inspection_kind = exemption.inspection_kind
            and rule.rule_version = exemption.rule_version
            and {{ as_of() }} between exemption.valid_from and exemption.valid_to
    ),

    before as (
        select
            inspection_key,
            entity_id,
            department_code,
            inspected_on,
            lag(inspection_key) over (
                partition by entity_id order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as last_key,
            lag(department_code) over (
                partition by entity_id order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as last_department,
            lag(inspected_on) over (
                partition by entity_id order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as last_on,
            lag(inspection_key) over (
                partition by entity_id, department_code
                order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as same_key,
            lag(inspected_on) over (
                partition by entity_id, department_code
                order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as same_on
        from inspection
        where entity_id is not null and exempt_as <> 'both'
    ),

    runs as (
        -- a run is a row of inspections by one department; the last one of another department came just before it
        select
            *,
            sum(case when last_department = department_code then 0 else 1 end) over (
                partition by entity_id order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as run_no
        from before
    ),

    told as (
        select
            inspection_key,
            first_value(last_key) over (
                partition by entity_id, run_no order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as other_key,
            first_value(last_department) over (
                partition by entity_id, run_no order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as other_department,
            first_value(last_on) over (
                partition by entity_id, run_no order by inspected_on asc nulls last, inspection_key asc nulls last
            ) as other_on,
            same_key,
            same_on
        from runs
    ),

    judged as (
        select
            inspection.inspection_key,
            inspection.entity_id,
            inspection.rule_version,
            inspection.exempt_as,
            inspection.exempt_reason,
            inspection.exempt_as = 'none' as is_repeatable,
            inspection.exempt_as = 'none'
            and coalesce(
                {{ days_between("told.other_on", "inspection.inspected_on") }} <= inspection.duplicate_other_days, 1 = 0
            ) as is_duplicate_other,
            inspection.exempt_as = 'none'
            and coalesce(
                {{ days_between("told.same_on", "inspection.inspected_on") }} <= inspection.duplicate_same_days, 1 = 0
            ) as is_duplicate_same,
            told.other_key,
            told.other_department,
            told.other_on,
            told.same_key,
            told.same_on,
            inspection.duplicate_other_days,
            inspection.duplicate_same_days
        from inspection
        left join told on inspection.inspection_key = told.inspection_key
    )

select *, is_duplicate_other or is_duplicate_same as is_duplicate
from judged
