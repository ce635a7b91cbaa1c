-- One row per enterprise (active and established on the measuring day) × month (int_core__measuring_month): score and
-- colour under the rule set in use. Few enterprises have events; everybody else keeps the base score.
select
    subject.entity_id,
    months.month_start,
    subject.uscc,
    subject.district_code,
    subject.functional_zone_code,
    coalesce(eventful.score, base.base_score) as score,
    coalesce(eventful.colour, base.colour) as colour,
    coalesce(eventful.is_overridden, 1 = 0) as is_overridden,
    coalesce(eventful.events, 0) as events,
    cast(coalesce(eventful.deduction_points, 0) as decimal(8, 2)) as deduction_points,
    cast(coalesce(eventful.bonus_points, 0) as decimal(8, 2)) as bonus_points,
    base.rule_version,
    coalesce(eventful.is_blacklisted, 1 = 0) as is_blacklisted
from {{ ref("int_core__measuring_month") }} as months
join
    {{ ref("int_credit__subject") }} as subject
    on subject.scored_from <= months.measured_on
    and (subject.scored_until is null or subject.scored_until > months.measured_on)
join {{ ref("int_credit__base_colour") }} as base on base.rule_version = '{{ var("credit_rule_version") }}'
left join
    {{ ref("int_credit__eventful_score") }} as eventful
    on eventful.month_start = months.month_start
    and eventful.entity_id = subject.entity_id
    and eventful.rule_version = base.rule_version
