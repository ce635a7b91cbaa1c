-- One row per part of the latest score of an enterprise whose score is not the base score alone: why this score, this
-- colour, with the enterprise's name. The history is in fct_credit_score_part.
select
    part.entity_id,
    part.part_id,
    enterprise.name as enterprise_name,
    part.uscc,
    part.district_code,
    enterprise.district_name,
    part.functional_zone_code,
    scores.score,
    scores.colour,
    scores.colour_name,
    part.part_order,
    part.part_kind_name,
    part.part_name,
    part.points,
    part.event_on,
    part.valid_until,
    part.event_id,
    part.rule_version,
    {{ as_of() }} as as_of
from {{ ref("fct_credit_score_part") }} as part
join
    {{ ref("fct_credit_score") }} as scores
    on scores.entity_id = part.entity_id
    and scores.month_start = part.month_start
left join {{ ref("int_core__enterprise") }} as enterprise on enterprise.entity_id = part.entity_id
where part.month_start = {{ month_start(as_of()) }}
