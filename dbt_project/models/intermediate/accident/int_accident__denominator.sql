-- One row per area and year: GDP, employment and vehicles released by as_of (分母), latest revision.
-- The city's own figure is used where it is sent; else the sum of its districts, if all of them are there.
with
    released as (
        {{
            latest_version(
                "(select * from "
                ~ ref("stg_tjj__district_economy")
                ~ " where released_on <= "
                ~ as_of()
                ~ ") as known",
                ["district_code", "year_number"],
            )
        }}
    ),

    district_sum as (
        select
            released.year_number,
            count(released.gdp_yuan) as gdp_count,
            count(released.employed_persons) as employed_count,
            count(released.vehicles) as vehicle_count,
            sum(released.gdp_yuan) as gdp_yuan,
            cast(sum(released.employed_persons) as bigint) as employed_persons,
            cast(sum(released.vehicles) as bigint) as vehicles
        from released
        inner join {{ ref("code_district") }} as area on released.district_code = area.code and area.is_additive = '1'
        group by released.year_number
    ),

    expected as (select count(*) as districts from {{ ref("code_district") }} where is_additive = '1')

select district_code as area_code, year_number, gdp_yuan, employed_persons, vehicles
from released
where district_code <> '{{ var("city_code") }}'
union all
select
    '{{ var("city_code") }}' as area_code,
    district_sum.year_number,
    coalesce(
        city.gdp_yuan, case when district_sum.gdp_count = expected.districts then district_sum.gdp_yuan end
    ) as gdp_yuan,
    coalesce(
        city.employed_persons,
        case when district_sum.employed_count = expected.districts then district_sum.employed_persons end
    ) as employed_persons,
    coalesce(
        city.vehicles, case when district_sum.vehicle_count = expected.districts then district_sum.vehicles end
    ) as vehicles
from district_sum
cross join expected
left join
    released as city on district_sum.year_number = city.year_number and city.district_code = '{{ var("city_code") }}'
