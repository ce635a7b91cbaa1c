-- One row per entity: its worst risk on as_of, from the risks it keeps on the register and from its latest accepted
-- report (重大风险 is red, 较大风险 orange).
with
    source as ({{ standing(ref("int_inspection__risk_source_last_sent")) }}),

    report as (
        {{
            latest_standing(
                ref("stg_yjgl__risk_report"),
                ["report_id"],
                ["submitted_on", "review_status", "major_risks", "relatively_major_risks"],
            )
        }}
    ),

    last_report as (
        select
            entity.entity_id,
            report.major_risks,
            report.relatively_major_risks,
            row_number() over (
                partition by entity.entity_id
                order by report.submitted_on desc nulls last, report.report_id asc nulls last
            ) as newest
        from report
        inner join {{ ref("int_core__mention_entity") }} as entity on report._mention_key = entity.mention_key
        where report.review_status = 'accepted'
    ),

    told as (
        select entity.entity_id, source.risk_level, 'register' as told_by
        from source
        inner join {{ ref("int_core__mention_entity") }} as entity on source._mention_key = entity.mention_key
        where source.record_status = 'valid'
        union all
        select
            entity_id,
            case when major_risks > 0 then 'red' when relatively_major_risks > 0 then 'orange' else 'blue' end,
            'report'
        from last_report
        where newest = 1
    )

select entity_id, risk_level, risk_name, sources
from
    (
        select
            told.entity_id,
            told.risk_level,
            {{ known_name("frequency.risk_name", "told.risk_level") }} as risk_name,
            count(case when told.told_by = 'register' then 1 end) over (partition by told.entity_id) as sources,
            row_number() over (
                partition by told.entity_id order by frequency.risk_order asc nulls last, told.told_by asc nulls last
            ) as worst
        from told
        cross join {{ ref("int_inspection__rule") }} as rule
        left join
            {{ ref("inspection_frequency") }} as frequency
            on told.risk_level = frequency.risk_level
            and rule.rule_version = frequency.rule_version
            and {{ as_of() }} between frequency.valid_from and frequency.valid_to
    ) as ranked
where worst = 1
