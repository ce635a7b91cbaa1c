-- One row per part of the latest score of an enterprise whose score is not the base score alone: why this score, this
-- colour, with the enterprise's name. The history is in fct_credit_score_part.
select
    parts.entity_id,
    parts.part_id,
    enterprises.name as enterprise_name,
    parts.uscc,
    parts.district_code,
    enterprises.district_name,
    parts.functional_zone_code,
    scores.score,
    scores.colour,
    scores.colour_name,
    parts.part_order,
    parts.part_kind_name,
    parts.part_name,
    parts.points,
    parts.event_on,
    parts.valid_until,
    parts.event_id,
    parts.rule_version,
    {{ as_of() }} as as_of
from {{ ref("fct_credit_score_part") }} as parts
join
    {{ ref("fct_credit_score") }} as scores
    on scores.entity_id = parts.entity_id
    and scores.month_start = parts.month_start
left join {{ ref("int_core__enterprise") }} as enterprises on enterprises.entity_id = parts.entity_id
where parts.month_start = {{ month_start(as_of()) }}
