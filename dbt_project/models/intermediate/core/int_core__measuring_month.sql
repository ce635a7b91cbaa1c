-- One row per month, the running one and the 36 before it, with the day on which its stock figures are measured.
-- Month-end stock of the running month is measured on the data's own date, since later days are not known yet.
{{ config(materialized="view") }}

select distinct month_start, cast(least({{ month_end("month_start") }}, {{ as_of() }}) as date) as measured_on
from {{ ref("dim_date") }}
where month_start between {{ add_months(month_start(as_of()), -36) }} and {{ month_start(as_of()) }}
