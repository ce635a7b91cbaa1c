-- One row per credit fact with its points under the rule set in use.
-- The first point rule that fits wins (rule_order); bounds are min ≤ magnitude < max. A fact counts on D when
-- event_on ≤ D < counts_until: until the period of the rule set is over, or until it is repaired or removed.
with
    ranked as (
        select
            facts.event_kind,
            facts.source_key,
            facts.uscc,
            facts.entity_id,
            facts.event_on,
            facts.ended_on,
            rules.rule_code,
            rules.event_name,
            rules.points,
            rules.cap_points,
            row_number() over (
                partition by facts.event_kind, facts.source_key order by rules.rule_order nulls last
            ) as rule_rank
        from {{ ref("int_credit__fact") }} as facts
        left join
            {{ ref("credit_point_rule") }} as rules
            on rules.rule_version = '{{ var("credit_rule_version") }}'
            and rules.event_kind = facts.event_kind
            and (rules.category is null or rules.category = facts.category)
            and (rules.min_magnitude is null or facts.magnitude >= rules.min_magnitude)
            and (rules.max_magnitude is null or facts.magnitude < rules.max_magnitude)
    ),

    periods as (
        select
            ranked.*,
            rule_set.rule_version,
            case
                -- a listing lasts as long as it is in force, whatever the period of the points
                when ranked.event_kind in ('blacklist', 'redlist')
                then cast(null as date)
                when rule_set.period_kind = 'calendar_year'
                then cast({{ add_months("date_trunc('year', ranked.event_on)", 12) }} as date)
                else {{ add_months("ranked.event_on", "rule_set.period_months") }}
            end as period_until
        from ranked
        cross join {{ ref("int_credit__rule_set") }} as rule_set
        where ranked.rule_rank = 1
    )

select
    concat(event_kind, ':', source_key) as event_id,
    entity_id,
    uscc,
    event_on,
    event_kind,
    coalesce(
        event_name,
        case
            event_kind when 'blacklist' then '列入严重失信主体名单' when 'redlist' then '列入守信红名单' when 'repair' then '准予信用修复'
        end,
        '不计分事项'
    ) as event_name,
    source_key,
    cast(- coalesce(points, 0) as decimal(8, 2)) as points,
    cast(cap_points as decimal(8, 2)) as cap_points,
    cast(least(coalesce(ended_on, period_until), coalesce(period_until, ended_on)) as date) as counts_until,
    rule_version
from periods
