-- One row per rule version × credit colour (绿黄橙红): from which score, and what follows from it.
select
    bands.rule_version,
    bands.colour,
    bands.colour_name,
    bands.colour_order,
    rule_sets.rule_name as rule_set_name,
    bands.rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
    bands.min_score,
    rule_sets.base_score,
    consequences.inspections_per_year,
    consequences.frequency_label,
    consequences.premium_factor,
    consequences.measures,
    consequences.source
from {{ ref("credit_colour_band") }} as bands
join {{ ref("credit_rule_set") }} as rule_sets on rule_sets.rule_version = bands.rule_version
left join
    {{ ref("credit_consequence") }} as consequences
    on consequences.rule_version = bands.rule_version
    and consequences.colour_code = bands.colour
