-- One row per indicator of the assessment rules in use (var assessment_rule_version).
{{ config(materialized="view") }}

select *
from {{ ref("assessment_indicator") }}
where rule_version = '{{ var("assessment_rule_version", "demo_2026_v1") }}'
