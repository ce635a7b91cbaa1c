-- One row per credit fact × rule version that gives it points or a colour, and every fact under the rule set in use.
-- The first point rule that fits wins (rule_order); bounds are min ≤ magnitude < max. A fact counts on D when
-- event_on ≤ D < counts_until: until the period of the rule set is over, or until it is repaired, removed or runs out.
with
    ranked as (
        select
            facts.*,
            rule_set.rule_version,
            rule_set.rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
            rule_set.period_kind,
            rule_set.period_months,
            rule.rule_code,
            rule.event_name,
            rule.effect,
            rule.points,
            rule.cap_group,
            rule.cap_points,
            overrides.override_code,
            overrides.override_name,
            overrides.colour as override_colour,
            row_number() over (
                partition by facts.event_id, rule_set.rule_version
                order by rule.rule_order nulls last, overrides.override_code nulls last
            ) as rule_rank
        from {{ ref("int_credit__fact") }} as facts
        cross join {{ ref("credit_rule_set") }} as rule_set
        left join
            {{ ref("credit_point_rule") }} as rule
            on rule.rule_version = rule_set.rule_version
            and rule.event_kind = facts.event_kind
            and (rule.category is null or rule.category = facts.category)
            and (rule.min_magnitude is null or facts.magnitude >= rule.min_magnitude)
            and (rule.max_magnitude is null or facts.magnitude < rule.max_magnitude)
        left join
            {{ ref("credit_override_rule") }} as overrides
            on overrides.rule_version = rule_set.rule_version
            and overrides.event_kind = facts.event_kind
            and (overrides.category is null or overrides.category = facts.category)
        where
            rule_set.rule_version = '{{ var("credit_rule_version") }}'
            or rule.rule_code is not null
            or overrides.override_code is not null
    ),

    periods as (
        select
            *,
            case
                when is_state
                then cast(null as date)
                when period_kind = 'calendar_year'
                then cast({{ add_months("date_trunc('year', event_on)", 12) }} as date)
                else {{ add_months("event_on", "period_months") }}
            end as period_until
        from ranked
        where rule_rank = 1
    )

select
    event_id,
    rule_version,
    is_in_use,
    entity_id,
    uscc,
    department_code,
    event_on,
    event_kind,
    {{ credit_event_kind_name("event_kind") }} as event_kind_name,
    category,
    magnitude,
    coalesce(override_name, event_name, {{ credit_event_name("event_kind", "category") }}) as event_name,
    source_key,
    coalesce(rule_code, override_code) as rule_code,
    cast(case effect when 'add' then points else - coalesce(points, 0) end as decimal(8, 2)) as points,
    cap_group,
    cast(cap_points as decimal(8, 2)) as cap_points,
    override_colour,
    override_code,
    cast(least(coalesce(ended_on, period_until), coalesce(period_until, ended_on)) as date) as counts_until,
    case
        when ended_on is not null and (period_until is null or ended_on < period_until)
        then
            case
                when event_kind = 'penalty'
                then '准予信用修复'
                when event_kind = 'standardisation'
                then '证书到期或撤销'
                else '移出名单或期满'
            end
        when period_until is not null
        then case period_kind when 'calendar_year' then '自然年清零' else '计分期满' end
    end as end_reason
from periods
