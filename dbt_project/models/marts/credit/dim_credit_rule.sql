-- One row per rule of every credit rule version: what gives or takes points, and what sets the colour.
select
    rules.rule_code,
    rules.rule_version,
    rule_sets.rule_name as rule_set_name,
    rules.rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
    rules.event_kind,
    {{ credit_event_kind_name("rules.event_kind") }} as event_kind_name,
    rules.event_name,
    rules.category,
    rules.min_magnitude,
    rules.max_magnitude,
    cast(case rules.effect when 'add' then rules.points else - rules.points end as decimal(8, 2)) as points,
    rules.cap_group,
    rules.cap_points,
    cast(null as varchar) as override_colour,
    rule_sets.valid_from,
    rule_sets.valid_to,
    rules.source
from {{ ref("credit_point_rule") }} as rules
join {{ ref("credit_rule_set") }} as rule_sets on rule_sets.rule_version = rules.rule_version
union all
select
    overrides.override_code,
    overrides.rule_version,
    rule_sets.rule_name,
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
    rule_sets.valid_from,
    rule_sets.valid_to,
    overrides.source
from {{ ref("credit_override_rule") }} as overrides
join {{ ref("credit_rule_set") }} as rule_sets on rule_sets.rule_version = overrides.rule_version
