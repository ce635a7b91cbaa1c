-- One row per enterprise × month (running one and 36 before it): credit score, colour and what follows from it.
select
    scores.entity_id,
    scores.month_start,
    scores.uscc,
    scores.district_code,
    scores.functional_zone_code,
    scores.score,
    scores.colour,
    consequence.colour_name,
    scores.is_overridden,
    scores.events,
    scores.deduction_points,
    scores.bonus_points,
    consequence.inspections_per_year,
    consequence.premium_factor,
    scores.rule_version,
    scores.is_blacklisted
from {{ ref("int_credit__score_month") }} as scores
join {{ ref("int_credit__consequence") }} as consequence on consequence.colour_code = scores.colour
