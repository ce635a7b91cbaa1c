-- One row per enterprise with a credit score: the one of the data's own month.
{{ config(materialized="view") }}

select entity_id, score, colour, is_blacklisted, rule_version
from {{ ref("int_credit__score_month") }}
where month_start = {{ month_start(as_of()) }}
