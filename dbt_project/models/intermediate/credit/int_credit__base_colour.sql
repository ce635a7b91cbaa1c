-- One row per rule version: the score and colour of an enterprise about which nothing counts.
{{ config(materialized="view") }}

select rule_version, base_score, colour
from
    (
        select
            rule_set.rule_version,
            rule_set.base_score,
            band.colour,
            row_number() over (partition by rule_set.rule_version order by band.min_score desc nulls last) as preference
        from {{ ref("credit_rule_set") }} as rule_set
        join
            {{ ref("credit_colour_band") }} as band
            on band.rule_version = rule_set.rule_version
            and rule_set.base_score >= band.min_score
    ) as ranked
where preference = 1
