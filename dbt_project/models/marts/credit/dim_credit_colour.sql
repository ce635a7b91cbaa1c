-- One row per rule version × credit colour (绿黄橙红): from which score, and what follows from it.
select
    band.rule_version,
    band.colour,
    band.colour_name,
    band.colour_order,
    rule_set.rule_name as rule_set_name,
    band.rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
    band.min_score,
    rule_set.base_score,
    consequence.inspections_per_year,
    consequence.frequency_label,
    consequence.premium_factor,
    consequence.measures,
    consequence.source
from {{ ref("credit_colour_band") }} as band
join {{ ref("credit_rule_set") }} as rule_set on rule_set.rule_version = band.rule_version
left join
    {{ ref("credit_consequence") }} as consequence
    on consequence.rule_version = band.rule_version
    and consequence.colour_code = band.colour
