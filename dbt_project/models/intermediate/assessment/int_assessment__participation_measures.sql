-- One row per month × area × insurance or credit indicator: numerator and denominator on the measuring day.
with
    colours as (
        select
            month_start,
            area_code,
            sum(case when colour in ('orange', 'red') then enterprises else 0 end) as orange_red,
            sum(enterprises) as enterprises
        from {{ ref("agg_credit_month") }}
        group by month_start, area_code
    )

select
    month_start,
    area_code,
    'insurance_coverage' as indicator_code,
    cast(insured_enterprises as double) as numerator,
    cast(in_scope_enterprises as double) as denominator
from {{ ref("agg_insurance_month") }}
union all
select month_start, area_code, 'credit_orange_red_share', cast(orange_red as double), cast(enterprises as double)
from colours
