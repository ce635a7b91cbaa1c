-- The parts are the whole, in every month and area: the items of a dimension sum to the area's figure (the groups of
-- industries to work alone, the types to all but road), what is used of a control target is the indicator's year to
-- date, the score of a suspicion is the sum of the parts it shows. Returns what differs.
with
    whole as (
        select
            month_start,
            area_code,
            sum(accidents) as accidents,
            sum(deaths) as deaths,
            sum(case when accident_domain = 'work' then accidents else 0 end) as work_accidents,
            sum(case when accident_domain = 'work' then deaths else 0 end) as work_deaths,
            sum(case when accident_domain <> 'road' then accidents else 0 end) as accidents_off_road,
            sum(case when accident_domain <> 'road' then deaths else 0 end) as deaths_off_road
        from {{ ref("agg_accident_month") }}
        group by month_start, area_code
    ),

    part as (
        select month_start, area_code, dimension_code, sum(accidents) as accidents, sum(deaths) as deaths
        from {{ ref("rpt_accident_breakdown") }}
        where period_kind = 'month'
        group by month_start, area_code, dimension_code
    )

select
    part.dimension_code as what,
    part.area_code as place,
    part.month_start as since,
    cast(part.accidents as double) as parts,
    cast(whole.accidents as double) as total
from part
inner join whole on part.month_start = whole.month_start and part.area_code = whole.area_code
where
    part.accidents <> case
        part.dimension_code
        when 'work_group'
        then whole.work_accidents
        when 'accident_type'
        then whole.accidents_off_road
        else whole.accidents
    end
    or part.deaths <> case
        part.dimension_code
        when 'work_group'
        then whole.work_deaths
        when 'accident_type'
        then whole.deaths_off_road
        else whole.deaths
    end
union all
select
    control.indicator_code,
    control.area_code,
    control.month_start,
    cast(control.used_value as double),
    cast(indicator.value as double)
from {{ ref("rpt_accident_control") }} as control
inner join
    {{ ref("rpt_accident_indicator") }} as indicator
    on control.month_start = indicator.month_start
    and control.area_code = indicator.area_code
    and control.indicator_code = indicator.indicator_code
    and indicator.period_kind = 'ytd'
where control.scope_code = 'all' and control.used_value <> coalesce(indicator.value, -1)
union all
select
    'score' as what,
    suspicion_key,
    event_on,
    cast(
        severity_points
        + identity_points
        + circumstance_points
        + finding_points
        + corroboration_points
        + counter_points as double
    ),
    cast(score as double)
from {{ ref("rpt_suspected_unreported") }}
where
    score <> least(
        100,
        severity_points + identity_points + circumstance_points + finding_points + corroboration_points + counter_points
    )
union all
select
    'understated' as what,
    accident_id,
    occurred_on,
    cast(shortfall_points + identity_points + finding_points + corroboration_points + counter_points as double),
    cast(score as double)
from {{ ref("rpt_suspected_understated") }}
where score <> least(100, shortfall_points + identity_points + finding_points + corroboration_points + counter_points)
