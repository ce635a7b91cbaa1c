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

    expected as (select count(*) as districts from {{ ref("dim_district") }} where is_additive)

select district_code as area_code, year_number, gdp_yuan, employed_persons, vehicles, coal_output_tonnes
from released
where district_code <> '{{ var("city_code") }}'
union all
select
    '{{ var("city_code") }}' as area_code,
    released.year_number,
    {{ city_figure("released.gdp_yuan") }} as gdp_yuan,
    cast({{ city_figure("released.employed_persons") }} as bigint) as employed_persons,
    cast({{ city_figure("released.vehicles") }} as bigint) as vehicles,
    {{ city_figure("released.coal_output_tonnes") }} as coal_output_tonnes
from released
inner join {{ ref("dim_district") }} as area on released.district_code = area.area_code
cross join expected
group by released.year_number
