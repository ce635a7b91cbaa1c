-- One row per area and month: deaths in all road traffic (全部机动车), as the police's monthly return last told by as_of.
-- The city's own figure is used where it is sent; else the sum of its districts, if all of them are there.
with
    released as (
        select district_code, make_date(year, month_number, 1) as month_start, deaths
        from
            (
                {{
                    latest_standing(
                        "(select * from "
                        ~ ref("stg_gaj__road_traffic_month")
                        ~ " where released_on <= "
                        ~ as_of()
                        ~ ")",
                        ["district_code", "year", "month_number"],
                    )
                }}
            ) as latest
    ),

    expected as (select count(*) as districts from {{ ref("dim_district") }} where is_additive)

select district_code as area_code, month_start, deaths
from released
where district_code <> '{{ var("city_code") }}'
union all
select
    '{{ var("city_code") }}' as area_code,
    released.month_start,
    cast({{ city_figure("released.deaths") }} as bigint) as deaths
from released
inner join {{ ref("dim_district") }} as area on released.district_code = area.area_code
cross join expected
group by released.month_start
