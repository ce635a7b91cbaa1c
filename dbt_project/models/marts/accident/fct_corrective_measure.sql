-- One row per corrective measure (事故整改措施) that an inquiry asked for, latest state, judged on as_of. What was asked is
-- shown but for 责任追究, whose text may name people.
with
    latest as ({{ latest_standing(ref("stg_yjgl__corrective_measure"), ["measure_id"]) }}),

    judged as (
        select
            latest.*,
            latest.done_on is not null and latest.done_on <= {{ as_of() }} as is_done,
            latest.due_on <= {{ as_of() }} as is_due
        from latest
    )

select
    judged.measure_id,
    judged.accident_id,
    accident.occurred_on,
    accident.grade_name,
    accident.entity_id,
    accident.enterprise_name,
    accident.district_code,
    accident.district_name,
    accident.functional_zone_code,
    accident.supervising_department,
    judged.measure_kind,
    coalesce(
        {{ code_label("yjgl.corrective_measure", "measure_kind", "judged.measure_kind") }}, '未知'
    ) as measure_kind_name,
    case when judged.measure_kind <> 'accountability' then judged.measure_text end as measure_text,
    judged.responsible_party,
    coalesce(
        {{ code_label("yjgl.corrective_measure", "responsible_party", "judged.responsible_party") }}, '未知'
    ) as responsible_party_name,
    coalesce(
        judged.responsible_unit, case when judged.responsible_party = 'government' then accident.district_name end
    ) as responsible_unit,
    judged.issued_on,
    judged.due_on,
    judged.done_on,
    judged.is_due,
    judged.is_done,
    judged.is_done and judged.done_on <= judged.due_on as is_done_on_time,
    not judged.is_done and judged.due_on < {{ as_of() }} as is_overdue,
    case
        when not judged.is_done and judged.due_on < {{ as_of() }}
        then {{ days_between("judged.due_on", as_of()) }}
        when judged.is_done and judged.done_on > judged.due_on
        then {{ days_between("judged.due_on", "judged.done_on") }}
    end as days_overdue,
    judged.evaluated_on,
    judged.evaluation,
    {{ code_label("yjgl.corrective_measure", "evaluation", "judged.evaluation") }} as evaluation_name,
    case
        when judged.evaluation in ('partly', 'not_implemented')
        then '评估未落实'
        when judged.is_done and judged.done_on <= judged.due_on
        then '按期完成'
        when judged.is_done
        then '逾期完成'
        when judged.due_on < {{ as_of() }}
        then '逾期未完成'
        else '落实中'
    end as status_name,
    {{ as_of() }} as as_of
from judged
left join {{ ref("fct_accident") }} as accident on judged.accident_id = accident.accident_id
