-- One row per enterprise × month (running one and 36 before it): credit score and colour on the measuring day.
select
    scores.entity_id,
    scores.month_start,
    scores.uscc,
    scores.district_code,
    scores.functional_zone_code,
    scores.score,
    scores.colour,
    bands.colour_name,
    scores.events,
    scores.deduction_points,
    scores.rule_version,
    scores.is_blacklisted
from {{ ref("int_credit__score_month") }} as scores
join
    {{ ref("credit_colour_band") }} as bands
    on bands.rule_version = scores.rule_version
    and bands.colour = scores.colour
