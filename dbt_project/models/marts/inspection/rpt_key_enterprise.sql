-- One row per enterprise that the rule puts on the key list (重点企业名单) on as_of, with every criterion that it meets and
-- the figures behind it. Criteria, windows and bounds are rows of key_list_criterion.
with
    criterion as (
        select
            criteria.*,
            rule.key_list_min_criteria,
            case
                when criteria.window_months > 0
                then {{ add_months(as_of(), "(-1 * criteria.window_months)") }}
                else cast('1900-01-01' as date)
            end as window_from
        from {{ ref("key_list_criterion") }} as criteria
        inner join {{ ref("int_inspection__rule") }} as rule on criteria.rule_version = rule.rule_version
        where {{ as_of() }} between criteria.valid_from and criteria.valid_to
    ),

    fact as (
        select 'penalised' as criterion_code, entity_id, decided_on as happened_on, cast(null as varchar) as category
        from {{ ref("fct_case") }}
        where decided_on <= {{ as_of() }}
        union all
        select 'overdue_hazard', entity_id, deadline_on, cast(null as varchar)
        from {{ ref("fct_hazard") }}
        where is_overdue
        union all
        select 'self_check_gap', entity_id, inspected_on, cast(null as varchar)
        from {{ ref("int_inspection__self_check_gap") }}
        union all
        -- a day counts a category once, however many rows it has; hazards without a category are not of the same one
        select distinct 'repeated_hazard', entity_id, found_on, category
        from {{ ref("fct_hazard") }}
        where trim(category) <> ''
    ),

    counted as (
        select
            fact.criterion_code,
            fact.entity_id,
            fact.category,
            count(*) as times,
            min(fact.happened_on) as first_on,
            max(fact.happened_on) as last_on
        from fact
        inner join criterion on fact.criterion_code = criterion.criterion_code
        where fact.entity_id is not null and fact.happened_on > criterion.window_from
        group by fact.criterion_code, fact.entity_id, fact.category
    ),

    measured as (
        select criterion_code, entity_id, cast(times as double) as measure, first_on, last_on, category
        from
            (
                select
                    *,
                    row_number() over (
                        partition by criterion_code, entity_id order by times desc nulls last, category asc nulls last
                    ) as most
                from counted
            ) as ranked
        where most = 1
        union all
        select
            'poor_duty',
            entity_id,
            {{ ratio("items_done", "items_due") }},
            cast(null as date),
            cast(null as date),
            cast(null as varchar)
        from {{ ref("int_inspection__duty_year") }}
        where items_due > 0
    ),

    met as (
        select
            measured.entity_id,
            measured.criterion_code,
            measured.measure,
            measured.last_on,
            measured.category,
            criterion.criterion_name,
            criterion.rule_version,
            criterion.key_list_min_criteria
        from measured
        inner join criterion on measured.criterion_code = criterion.criterion_code
        where
            (criterion.comparison = 'at_least' and measured.measure >= criterion.threshold)
            or (criterion.comparison = 'below' and measured.measure < criterion.threshold)
    ),

    listed as (
        select
            entity_id,
            rule_version,
            count(*) as criteria_met,
            {{ sorted_list("criterion_name") }} as criteria,
            max(last_on) as last_event_on,
            cast(max(case when criterion_code = 'penalised' then measure end) as bigint) as penalties,
            cast(max(case when criterion_code = 'repeated_hazard' then measure end) as bigint) as repeated_times,
            max(case when criterion_code = 'repeated_hazard' then category end) as repeated_category,
            cast(max(case when criterion_code = 'overdue_hazard' then measure end) as bigint) as overdue_hazards,
            cast(max(case when criterion_code = 'self_check_gap' then measure end) as bigint) as self_check_gaps,
            max(case when criterion_code = 'poor_duty' then measure end) as duty_ratio
        from met
        group by entity_id, rule_version
        having count(*) >= max(key_list_min_criteria)
    )

select
    enterprise.entity_id,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    enterprise.industry_name,
    listed.criteria_met,
    listed.criteria,
    concat(
        case when listed.penalties is not null then concat('处罚', cast(listed.penalties as varchar), '次；') else '' end,
        case
            when listed.repeated_times is not null
            then concat('“', listed.repeated_category, '”隐患', cast(listed.repeated_times as varchar), '次；')
            else ''
        end,
        case
            when listed.overdue_hazards is not null
            then concat('逾期隐患', cast(listed.overdue_hazards as varchar), '条；')
            else ''
        end,
        case
            when listed.self_check_gaps is not null
            then concat('自查走过场', cast(listed.self_check_gaps as varchar), '次；')
            else ''
        end,
        case
            when listed.duty_ratio is not null
            then concat('责任清单落实率', cast({{ half_up("listed.duty_ratio * 100", 1) }} as varchar), '%；')
            else ''
        end
    ) as why,
    listed.penalties,
    listed.repeated_category,
    listed.repeated_times,
    listed.overdue_hazards,
    listed.self_check_gaps,
    {{ half_up("listed.duty_ratio", 4) }} as duty_ratio,
    listed.last_event_on,
    enterprise.is_key_supervised,
    enterprise.key_types,
    listed.rule_version,
    {{ as_of() }} as as_of
from listed
inner join {{ ref("int_core__enterprise") }} as enterprise on listed.entity_id = enterprise.entity_id
where enterprise.is_active and enterprise.kind = 'enterprise'
