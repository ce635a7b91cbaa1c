-- One row per assessed month of the last 24, with the days its figures run from and to.
{{ config(materialized="view") }}

select
    month_start,
    measured_on,
    cast(date_trunc('year', month_start) as date) as year_start,
    {{ add_months("month_start", -11) }} as window_start,
    cast(extract(month from month_start) as bigint) as elapsed_months
from {{ ref("int_core__measuring_month") }}
where month_start >= {{ add_months(month_start(as_of()), -23) }}
