-- One row per rule version: the score and colour of an enterprise about which nothing counts.
{{ config(materialized="view") }}

select rule_version, base_score, colour
from
    (
        select
            rule_sets.rule_version,
            rule_sets.base_score,
            bands.colour,
            row_number() over (
                partition by rule_sets.rule_version order by bands.min_score desc nulls last
            ) as preference
        from {{ ref("credit_rule_set") }} as rule_sets
        join
            {{ ref("credit_colour_band") }} as bands
            on bands.rule_version = rule_sets.rule_version
            and rule_sets.base_score >= bands.min_score
    ) as ranked
where preference = 1
