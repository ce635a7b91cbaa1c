-- One row per day with how many working days there are up to it, itself included: what clocks in working days count by.
select
    date_day,
    is_workday,
    cast(sum(case when is_workday then 1 else 0 end) over (order by date_day asc nulls last) as bigint) as workday_no
from {{ ref("dim_date") }}
