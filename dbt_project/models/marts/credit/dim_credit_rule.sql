-- One row per rule of every credit rule version: what gives or takes points, and what sets the colour.
select
    rule.rule_code,
    rule.rule_version,
    rule_set.rule_name as rule_set_name,
    rule.rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
    rule.event_kind,
    {{ credit_event_kind_name("rule.event_kind") }} as event_kind_name,
    rule.event_name,
    rule.category,
    rule.min_magnitude,
    rule.max_magnitude,
    cast(case rule.effect when 'add' then rule.points else - rule.points end as decimal(8, 2)) as points,
    rule.cap_group,
    rule.cap_points,
    cast(null as varchar) as override_colour,
    rule_set.valid_from,
    rule_set.valid_to,
    rule.source
from {{ ref("credit_point_rule") }} as rule
join {{ ref("credit_rule_set") }} as rule_set on rule_set.rule_version = rule.rule_version
union all
select
    overrides.override_code,
    overrides.rule_version,
    rule_set.rule_name,
    overrides.rule_version = '{{ var("credit_rule_version") }}',
    overrides.event_kind,
    {{ credit_event_kind_name("overrides.event_kind") }},
    overrides.override_name,
    overrides.category,
    cast(null as decimal(18, 2)),
    cast(null as decimal(18, 2)),
    cast(0 as decimal(8, 2)),
    cast(null as varchar),
    cast(null as decimal(8, 2)),
    overrides.colour,
    rule_set.valid_from,
    rule_set.valid_to,
    overrides.source
from {{ ref("credit_override_rule") }} as overrides
join {{ ref("credit_rule_set") }} as rule_set on rule_set.rule_version = overrides.rule_version
