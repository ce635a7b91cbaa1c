-- One row per suspected unreported accident (疑似未报告，待核实): a unit and the days of the leads about it, with a score made
-- of the parts shown. A list of what to ask about, not of who did wrong;
-- what was asked already says what came of it (is_open is false).
{%- set parts = ["severity", "identity", "circumstance", "finding", "corroboration", "counter"] %}
with scored as ({{ suspicion_scored(ref("int_accident__suspicion"), parts) }})

select
    concat(scored.party_key, ':', cast(scored.event_on as varchar)) as suspicion_key,
    scored.event_on,
    scored.last_event_on,
    scored.entity_id,
    enterprise.uscc,
    scored.enterprise_name,
    scored.district_code,
    coalesce(district.area_name, '未知') as district_name,
    case when enterprise.district_code = scored.district_code then enterprise.street_code end as street_code,
    case when enterprise.district_code = scored.district_code then enterprise.street_name end as street_name,
    case
        when enterprise.district_code = scored.district_code then enterprise.functional_zone_code
    end as functional_zone_code,
    enterprise.industry_code,
    enterprise.industry_name,
    scored.department_codes,
    case scored.department_codes when 'rsj' then '工伤认定' when 'xfjy' then '火灾' else '工伤认定、火灾' end as source_name,
    scored.record_ids,
    scored.records,
    scored.deaths,
    scored.serious_injuries,
    scored.injured,
    scored.direct_loss_yuan,
    cast(scored.score as bigint) as score,
    {% for part in parts %} cast(scored.{{ part }}_points as bigint) as {{ part }}_points, {% endfor %}
    {{ score_text("scored", parts) }} as score_text,
    case
        when scored.score >= rule.first_check_from then '优先核实' when scored.score >= rule.check_from then '核实' else '留意'
    end as priority_name,
    cast(
        case
            when scored.score >= rule.first_check_from then 1 when scored.score >= rule.check_from then 2 else 3
        end as bigint
    ) as priority_order,
    case
        scored.check_outcome
        when 'to_be_reported'
        then '已核实，应补报'
        when 'not_accident'
        then '已核实，不属生产安全事故'
        when 'already_reported'
        then '已核实，与已报事故为同一起'
        else '疑似未报告，待核实'
    end as statement,
    scored.check_outcome is null as is_open,
    scored.check_outcome,
    scored.checked_on,
    scored.checking_unit,
    case
        when scored.check_outcome = 'to_be_reported'
        then '督促单位按规定补报；补报到达后本行自行消失'
        when scored.check_outcome is not null
        then '无'
        else concat(coalesce(district.area_name, '属地'), '应急管理部门向单位核实经过与伤亡：属生产安全事故的按规定补报，不属的说明情形')
    end as what_to_do,
    case
        when scored.counter_code = 'same_place_kind'
        then scored.unnamed_accident_id
        when scored.counter_code = 'near_accident'
        then scored.near_accident_id
    end as near_accident_id,
    {{ days_between("scored.event_on", as_of()) }} as days_since,
    scored.rule_version,
    {{ as_of() }} as as_of
from scored
inner join {{ ref("accident_suspicion_rule") }} as rule on scored.rule_version = rule.rule_version
left join {{ ref("int_core__enterprise") }} as enterprise on scored.entity_id = enterprise.entity_id
left join {{ ref("dim_district") }} as district on scored.district_code = district.area_code
where scored.score >= rule.list_from
