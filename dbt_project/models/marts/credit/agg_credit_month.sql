-- One row per month × area × colour (running one and 36 before it); colours without enterprises are there with 0.
with
    counted as (
        select month_start, area_code, colour, count(*) as enterprises
        from ({{ by_area(ref("fct_credit_score"), ["month_start", "colour"]) }}) as score_areas
        group by month_start, area_code, colour
    )

select
    months.month_start,
    area.area_code,
    band.colour,
    area.area_name,
    area.area_level,
    area.area_order,
    band.colour_name,
    cast(band.colour_order as bigint) as colour_order,
    cast(coalesce(counted.enterprises, 0) as bigint) as enterprises
from {{ ref("int_core__measuring_month") }} as months
cross join {{ ref("dim_district") }} as area
cross join {{ ref("credit_colour_band") }} as band
join {{ ref("int_credit__rule_set") }} as rule_set on rule_set.rule_version = band.rule_version
left join
    counted
    on counted.month_start = months.month_start
    and counted.area_code = area.area_code
    and counted.colour = band.colour
