-- One row per colour: what follows from it under the rule set in use (inspections a year, premium factor, measures).
{{ config(materialized="view") }}

select
    consequences.rule_version,
    consequences.colour_code,
    consequences.colour_name,
    consequences.inspections_per_year,
    consequences.frequency_label,
    consequences.premium_factor,
    consequences.measures,
    consequences.source
from {{ ref("credit_consequence") }} as consequences
join {{ ref("int_credit__rule_set") }} as rule_set on rule_set.rule_version = consequences.rule_version
