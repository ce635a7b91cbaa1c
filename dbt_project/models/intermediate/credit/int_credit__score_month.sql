-- One row per enterprise (active, established by the measuring day) × month (int_core__measuring_month): score and
-- colour.
-- Few enterprises have events, so these are summed first and everybody else keeps the base score.
with
    eventful as (
        select
            month_start,
            entity_id,
            sum(case when event_kind in ('blacklist', 'redlist', 'repair') then 0 else events end) as events,
            sum(deduction_points) as deduction_points,
            max(case when event_kind = 'blacklist' then 1 else 0 end) = 1 as is_blacklisted
        from {{ ref("int_credit__deduction_month") }}
        group by month_start, entity_id
    ),

    scored as (
        select
            enterprises.entity_id,
            enterprises.uscc,
            enterprises.district_code,
            enterprises.functional_zone_code,
            months.month_start,
            months.measured_on,
            coalesce(eventful.events, 0) as events,
            coalesce(eventful.deduction_points, 0) as deduction_points,
            coalesce(eventful.is_blacklisted, false) as is_blacklisted,
            rule_set.rule_version,
            greatest(rule_set.base_score - coalesce(eventful.deduction_points, 0), rule_set.floor_score) as score
        from {{ ref("int_core__measuring_month") }} as months
        join {{ ref("int_core__enterprise") }} as enterprises on enterprises.established_on <= months.measured_on
        cross join {{ ref("int_credit__rule_set") }} as rule_set
        left join eventful on eventful.month_start = months.month_start and eventful.entity_id = enterprises.entity_id
        where enterprises.kind = 'enterprise' and enterprises.is_active
    ),

    thresholds as (
        select
            max(case when colour = 'green' then min_score end) as green_from,
            max(case when colour = 'yellow' then min_score end) as yellow_from,
            max(case when colour = 'orange' then min_score end) as orange_from
        from {{ ref("credit_colour_band") }}
        where rule_version = '{{ var("credit_rule_version") }}'
    )

select
    scored.entity_id,
    scored.month_start,
    scored.uscc,
    scored.district_code,
    scored.functional_zone_code,
    cast(scored.score as decimal(8, 2)) as score,
    case
        when scored.is_blacklisted
        then 'red'
        when scored.score >= thresholds.green_from
        then 'green'
        when scored.score >= thresholds.yellow_from
        then 'yellow'
        when scored.score >= thresholds.orange_from
        then 'orange'
        else 'red'
    end as colour,
    cast(scored.events as bigint) as events,
    cast(scored.deduction_points as decimal(8, 2)) as deduction_points,
    scored.rule_version,
    scored.is_blacklisted
from scored
cross join thresholds
