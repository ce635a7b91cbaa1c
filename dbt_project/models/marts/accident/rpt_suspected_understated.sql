-- One row per reported accident whose casualties look understated (疑似少报伤亡，待核实): what other departments know of it,
-- what is short, how sure, what to do. A list of what to ask about, not of who did wrong.
{%- set parts = ["shortfall", "identity", "finding", "corroboration", "counter"] %}
with scored as ({{ suspicion_scored(ref("int_accident__shortfall"), parts) }})

select
    accident.accident_id,
    accident.occurred_on,
    accident.accident_domain_name,
    accident.entity_id,
    accident.uscc,
    accident.enterprise_name,
    accident.district_code,
    accident.district_name,
    accident.street_code,
    accident.street_name,
    accident.functional_zone_code,
    accident.supervising_department,
    accident.grade_name,
    scored.grade_name_if_so,
    scored.is_graver,
    accident.deaths as reported_deaths,
    accident.serious_injuries as reported_serious_injuries,
    scored.known_deaths,
    scored.known_graves,
    scored.deaths_short,
    scored.graves_short,
    scored.department_codes,
    case scored.department_codes when 'rsj' then '工伤认定' when 'xfjy' then '火灾' else '工伤认定、火灾' end as source_name,
    scored.record_ids,
    scored.records,
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
    case scored.check_outcome when 'to_be_reported' then '已核实，应补报' else '疑似少报伤亡，待核实' end as statement,
    scored.check_outcome is null as is_open,
    scored.check_outcome,
    scored.checked_on,
    {{ add_days("accident.occurred_on", "clock.revision_days") }} as revision_due_on,
    case
        when scored.check_outcome = 'to_be_reported'
        then '督促单位按规定补报，重新核定等级；补报到达后本行自行消失'
        when {{ add_days("accident.occurred_on", "clock.revision_days") }} >= {{ as_of() }}
        then concat(coalesce(accident.district_name, '属地'), '应急管理部门提醒单位在补报期内续报伤亡变化')
        else concat(coalesce(accident.district_name, '属地'), '应急管理部门核对工伤、火灾记录与事故报告的伤亡：属漏报、瞒报的依法认定并更正')
    end as what_to_do,
    {{ days_between("accident.occurred_on", as_of()) }} as days_since,
    scored.rule_version,
    {{ as_of() }} as as_of
from scored
inner join {{ ref("fct_accident") }} as accident on scored.accident_id = accident.accident_id
inner join {{ ref("accident_suspicion_rule") }} as rule on scored.rule_version = rule.rule_version
left join
    {{ ref("accident_clock") }} as clock
    on accident.accident_domain = clock.accident_domain
    and accident.occurred_on >= clock.valid_from
    and accident.occurred_on <= clock.valid_to
