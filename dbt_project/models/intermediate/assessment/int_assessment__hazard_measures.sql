-- One row per month × area × hazard indicator: numerator and denominator over deadlines of the last 12 months.
-- A window without due hazards has a denominator of 0 and thus no rate.
with
    windows as (
        select
            periods.month_start,
            monthly.area_code,
            sum(monthly.hazards_due) as due,
            sum(monthly.hazards_rectified) as rectified,
            sum(monthly.hazards_rectified_on_time) as rectified_on_time,
            sum(monthly.major_hazards_due) as major_due,
            sum(monthly.major_hazards_rectified) as major_rectified
        from {{ ref("int_assessment__period") }} as periods
        join
            {{ ref("agg_inspection_month") }} as monthly
            on monthly.month_start between periods.window_start and periods.month_start
        group by periods.month_start, monthly.area_code
    )

select
    month_start,
    area_code,
    'hazard_rectification_rate' as indicator_code,
    cast(rectified as double) as numerator,
    cast(due as double) as denominator
from windows
union all
select month_start, area_code, 'on_time_rectification_rate', cast(rectified_on_time as double), cast(due as double)
from windows
union all
select
    month_start,
    area_code,
    'major_hazard_unrectified_rate',
    cast(major_due - major_rectified as double),
    cast(major_due as double)
from windows
