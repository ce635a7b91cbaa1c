-- One row per day, from twenty years before as_of to the end of the year after it, with Chinese holidays.
-- Whether a day is worked is null beyond the last year whose holidays are announced (seed chinese_holiday).
with
    day as (
        {{
            day_series(
                add_months("date_trunc('year', " ~ as_of() ~ ")", -240),
                add_days(add_months("date_trunc('year', " ~ as_of() ~ ")", 24), -1),
            )
        }}
    ),

    known as (select max(extract(year from date_day)) as last_year from {{ ref("chinese_holiday") }})

select
    day.date_day,
    cast(extract(year from day.date_day) as bigint) as year_number,
    cast(extract(month from day.date_day) as bigint) as month_number,
    {{ month_start("day.date_day") }} as month_start,
    concat(
        cast(extract(year from day.date_day) as varchar), '年', cast(extract(month from day.date_day) as varchar), '月'
    ) as month_label,
    {{ iso_week("day.date_day") }} as iso_week,
    {{ iso_weekday("day.date_day") }} as iso_weekday,
    case
        when extract(year from day.date_day) > known.last_year
        then cast(null as boolean)
        else coalesce(holiday.is_workday, {{ iso_weekday("day.date_day") }} <= 5)
    end as is_workday,
    case
        when extract(year from day.date_day) > known.last_year
        then cast(null as boolean)
        else coalesce(not holiday.is_workday, false)
    end as is_holiday,
    case when not holiday.is_workday then holiday.holiday_name end as holiday_name
from day
cross join known
left join {{ ref("chinese_holiday") }} as holiday on day.date_day = holiday.date_day
