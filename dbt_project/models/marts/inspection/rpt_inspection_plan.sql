-- One row per enterprise that must be inspected this year (应检单位): how often by risk, credit and key list, and what
-- has been done until as_of. The highest of the demands counts; a green enterprise is let off part of what its risk
-- asks. What is expected by now goes by the days of the year that the enterprise has been there.
with
    demand as (
        select
            enterprise.entity_id,
            enterprise.uscc,
            enterprise.name as enterprise_name,
            enterprise.district_code,
            enterprise.district_name,
            enterprise.functional_zone_code,
            enterprise.industry_name,
            greatest(
                cast(date_trunc('year', {{ as_of() }}) as date),
                coalesce(enterprise.established_on, cast('1900-01-01' as date))
            ) as counted_from,
            enterprise.is_key_supervised or key_list.entity_id is not null as is_key,
            risk.risk_level,
            risk.risk_name,
            credit.colour as credit_colour,
            consequence.colour_name as credit_colour_name,
            case
                when credit.colour = 'green'
                then frequency.inspections_per_year_green
                else frequency.inspections_per_year
            end as by_risk,
            case when credit.colour <> 'green' then consequence.inspections_per_year end as by_credit,
            case
                when enterprise.is_key_supervised or key_list.entity_id is not null
                then rule.key_list_inspections_per_year
            end as by_key_list,
            rule.rule_version
        from {{ ref("int_core__enterprise") }} as enterprise
        cross join {{ ref("int_inspection__rule") }} as rule
        left join {{ ref("rpt_key_enterprise") }} as key_list on enterprise.entity_id = key_list.entity_id
        left join {{ ref("int_inspection__risk") }} as risk on enterprise.entity_id = risk.entity_id
        left join
            {{ ref("inspection_frequency") }} as frequency
            on risk.risk_level = frequency.risk_level
            and rule.rule_version = frequency.rule_version
            and {{ as_of() }} between frequency.valid_from and frequency.valid_to
        left join {{ ref("int_credit__score_latest") }} as credit on enterprise.entity_id = credit.entity_id
        left join
            (
                select consequence.colour_code, consequence.colour_name, consequence.inspections_per_year
                from {{ ref("credit_consequence") }} as consequence
                inner join {{ ref("int_credit__rule_set") }} as rules on consequence.rule_version = rules.rule_version
            ) as consequence
            on credit.colour = consequence.colour_code
        where enterprise.is_active and enterprise.kind = 'enterprise'
    ),

    required as (
        select *, greatest(coalesce(by_risk, 0), coalesce(by_credit, 0), coalesce(by_key_list, 0)) as required_per_year
        from demand
    ),

    done as (
        -- departments that come together on one day come once
        select
            entity_id,
            count(distinct inspected_on) as visits,
            count(*) as inspections,
            count(distinct department_code) as departments,
            max(inspected_on) as last_inspected_on
        from {{ ref("fct_inspection") }}
        where
            entity_id is not null
            and (is_repeatable or is_joint)
            and inspected_on between cast(date_trunc('year', {{ as_of() }}) as date) and {{ as_of() }}
        group by entity_id
    ),

    compared as (
        select
            required.*,
            coalesce(done.visits, 0) as visits_done,
            coalesce(done.inspections, 0) as inspections_done,
            coalesce(done.departments, 0) as departments_done,
            done.last_inspected_on,
            cast(
                floor(
                    required.required_per_year
                    * cast({{ days_between("required.counted_from", add_days(as_of(), 1)) }} as double)
                    / {{
                        days_between(
                            "cast(date_trunc('year', " ~ as_of() ~ ") as date)",
                            add_months("cast(date_trunc('year', " ~ as_of() ~ ") as date)", 12),
                        )
                    }}
                ) as bigint
            ) as expected_by_now
        from required
        left join done on required.entity_id = done.entity_id
        where required.required_per_year > 0
    )

select
    entity_id,
    uscc,
    enterprise_name,
    district_code,
    district_name,
    functional_zone_code,
    industry_name,
    risk_level,
    risk_name,
    credit_colour,
    credit_colour_name,
    is_key,
    required_per_year,
    concat(
        case
            when risk_name is null
            then '风险：未报'
            else concat('风险：', risk_name, '，每年', cast(coalesce(by_risk, 0) as varchar), '次')
        end,
        case when credit_colour = 'green' then '（信用绿色减频）' else '' end,
        case
            when by_credit is not null
            then concat('；信用：', credit_colour_name, '，每年', cast(by_credit as varchar), '次')
            else ''
        end,
        case when by_key_list is not null then concat('；重点名单，每年', cast(by_key_list as varchar), '次') else '' end
    ) as why,
    visits_done,
    inspections_done,
    departments_done,
    last_inspected_on,
    expected_by_now,
    greatest(required_per_year - visits_done, 0) as visits_left,
    visits_done > 0 as is_covered,
    visits_done >= required_per_year as is_fulfilled,
    case
        when visits_done >= required_per_year
        then 'fulfilled'
        when visits_done >= expected_by_now
        then 'on_track'
        when visits_done > 0
        then 'behind'
        else 'not_begun'
    end as status,
    case
        when visits_done >= required_per_year
        then '已完成'
        when visits_done >= expected_by_now
        then '按进度'
        when visits_done > 0
        then '滞后'
        else '未检查'
    end as status_name,
    rule_version,
    {{ as_of() }} as as_of
from compared
