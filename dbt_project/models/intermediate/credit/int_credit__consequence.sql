-- One row per colour: what follows from it under the rule set in use (inspections a year, premium factor, measures).
{{ config(materialized="view") }}

select
    consequence.rule_version,
    consequence.colour_code,
    consequence.colour_name,
    consequence.inspections_per_year,
    consequence.frequency_label,
    consequence.premium_factor,
    consequence.measures,
    consequence.source
from {{ ref("credit_consequence") }} as consequence
join {{ ref("int_credit__rule_set") }} as rule_set on rule_set.rule_version = consequence.rule_version
