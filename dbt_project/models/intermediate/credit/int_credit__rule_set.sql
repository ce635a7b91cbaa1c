-- One row: the credit rule set in use (var credit_rule_version).
{{ config(materialized="view") }}

select rule_version, rule_name, base_score, ceiling_score, floor_score, period_kind, period_months
from {{ ref("credit_rule_set") }}
where rule_version = '{{ var("credit_rule_version") }}'
