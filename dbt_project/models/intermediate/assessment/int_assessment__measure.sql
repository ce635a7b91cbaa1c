-- One row per month × area (the city too) × indicator that has figures: numerator, denominator and value.
-- The city's row is the yardstick of indicators whose bounds are relative to the city.
with
    united as (
        select *
        from {{ ref("int_assessment__accident_measures") }}
        union all
        select *
        from {{ ref("int_assessment__hazard_measures") }}
        union all
        select *
        from {{ ref("int_assessment__enforcement_measures") }}
        union all
        select *
        from {{ ref("int_assessment__participation_measures") }}
    )

select
    united.month_start,
    united.area_code,
    united.indicator_code,
    cast(united.numerator as decimal(18, 6)) as numerator,
    cast(united.denominator as decimal(18, 6)) as denominator,
    cast(
        case
            indicator.value_kind
            when 'count'
            then united.numerator
            when 'against_target'
            then case when united.denominator is not null then united.numerator end
            when 'ratio'
            then {{ ratio("united.numerator", "united.denominator") }}
            when 'change'
            then {{ ratio("united.numerator", "united.denominator") }} - 1
        end as decimal(18, 6)
    ) as value
from united
join {{ ref("int_assessment__indicator") }} as indicator on indicator.indicator_code = united.indicator_code
