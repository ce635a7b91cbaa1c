-- One row per rule version × month × enterprise that has an event counting then: score and colour.
-- Score = base + points after the caps, between floor and ceiling; the colour is the worse of the score's band and what
-- an overriding event (严重失信名单) sets. Whoever is not here has the base score.
with
    summed as (
        select
            rule_version,
            month_start,
            entity_id,
            sum(deducting_events) as events,
            - sum(deducted) as deduction_points,
            sum(added) as bonus_points,
            max(override_order) as override_order,
            max(case when is_blacklisted then 1 else 0 end) = 1 as is_blacklisted
        from {{ ref("int_credit__group_month") }}
        group by rule_version, month_start, entity_id
    ),

    scored as (
        select
            summed.*,
            least(
                greatest(rule_set.base_score - summed.deduction_points + summed.bonus_points, rule_set.floor_score),
                rule_set.ceiling_score
            ) as score
        from summed
        join {{ ref("credit_rule_set") }} as rule_set on rule_set.rule_version = summed.rule_version
    ),

    banded as (
        select scored.rule_version, scored.month_start, scored.entity_id, min(band.colour_order) as band_order
        from scored
        join
            {{ ref("credit_colour_band") }} as band
            on band.rule_version = scored.rule_version
            and scored.score >= band.min_score
        group by scored.rule_version, scored.month_start, scored.entity_id
    )

select
    scored.rule_version,
    scored.month_start,
    scored.entity_id,
    cast(scored.score as decimal(8, 2)) as score,
    band.colour,
    coalesce(scored.override_order > banded.band_order, 1 = 0) as is_overridden,
    cast(scored.events as bigint) as events,
    cast(scored.deduction_points as decimal(8, 2)) as deduction_points,
    cast(scored.bonus_points as decimal(8, 2)) as bonus_points,
    scored.is_blacklisted
from scored
join
    banded
    on banded.rule_version = scored.rule_version
    and banded.month_start = scored.month_start
    and banded.entity_id = scored.entity_id
join
    {{ ref("credit_colour_band") }} as band
    on band.rule_version = scored.rule_version
    and band.colour_order = greatest(banded.band_order, coalesce(scored.override_order, banded.band_order))
