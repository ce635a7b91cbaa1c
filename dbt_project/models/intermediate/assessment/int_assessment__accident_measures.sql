-- One row per month × area × accident indicator: numerator and denominator, year to date.
-- Last year's figures run to the same day of last year, so that a running month is compared with its own length.
-- Where last year lies before the reported history nothing is compared: missing is not zero.
with
    accidents as (
        select
            occurred_on,
            area_code,
            deaths,
            case when is_relatively_serious_or_above then 1 else 0 end as relatively_serious
        from
            (
                {{
                    by_area(
                        ref("fct_accident"),
                        ["occurred_on", "deaths", "is_relatively_serious_or_above", "is_statistical"],
                    )
                }}
            ) as accident_areas
        where is_statistical
    ),

    history as (select {{ month_start("min(occurred_on)") }} as history_start from {{ ref("fct_accident") }}),

    year_to_date as (
        select
            periods.month_start,
            accidents.area_code,
            count(*) as accidents,
            sum(accidents.deaths) as deaths,
            sum(accidents.relatively_serious) as relatively_serious
        from {{ ref("int_assessment__period") }} as periods
        join accidents on accidents.occurred_on between periods.year_start and periods.measured_on
        group by periods.month_start, accidents.area_code
    ),

    same_period as (
        select periods.month_start, accidents.area_code, count(*) as accidents
        from {{ ref("int_assessment__period") }} as periods
        join
            accidents
            on accidents.occurred_on
            between {{ add_months("periods.year_start", -12) }} and {{ year_before("periods.measured_on") }}
        group by periods.month_start, accidents.area_code
    ),

    released as (
        -- what was known of a year's economy on the measuring day: its latest release
        select
            periods.month_start,
            economy.district_code,
            economy.year_number,
            economy.gdp_yuan,
            row_number() over (
                partition by periods.month_start, economy.district_code, economy.year_number
                order by
                    economy.released_on desc nulls last,
                    economy._batch_seq desc nulls last,
                    economy._row desc nulls last
            ) as release_rank
        from {{ ref("int_assessment__period") }} as periods
        join {{ ref("stg_tjj__district_economy") }} as economy on economy.released_on <= periods.measured_on
    ),

    expected as (select count(*) as districts from {{ ref("dim_district") }} where is_additive),

    yearly as (
        select month_start, district_code as area_code, year_number, gdp_yuan
        from released
        where release_rank = 1 and district_code <> '{{ var("city_code") }}'
        union all
        select
            released.month_start,
            '{{ var("city_code") }}' as area_code,
            released.year_number,
            {{ city_figure("released.gdp_yuan") }} as gdp_yuan
        from released
        join {{ ref("dim_district") }} as area on area.area_code = released.district_code
        cross join expected
        where released.release_rank = 1
        group by released.month_start, released.year_number
    ),

    economy as (
        select
            month_start,
            area_code,
            gdp_yuan,
            row_number() over (partition by month_start, area_code order by year_number desc nulls last) as recency
        from yearly
        where gdp_yuan is not null
    ),

    totals as (
        select
            periods.month_start,
            periods.elapsed_months,
            area.area_code,
            history.history_start <= {{ add_months("periods.year_start", -12) }} as has_year_before,
            coalesce(year_to_date.accidents, 0) as accidents,
            coalesce(year_to_date.deaths, 0) as deaths,
            coalesce(year_to_date.relatively_serious, 0) as relatively_serious,
            coalesce(same_period.accidents, 0) as accidents_last_year,
            economy.gdp_yuan,
            target.year_target as death_target
        from {{ ref("int_assessment__period") }} as periods
        cross join {{ ref("dim_district") }} as area
        cross join history
        left join
            year_to_date on year_to_date.month_start = periods.month_start and year_to_date.area_code = area.area_code
        left join
            same_period on same_period.month_start = periods.month_start and same_period.area_code = area.area_code
        left join
            economy
            on economy.month_start = periods.month_start
            and economy.area_code = area.area_code
            and economy.recency = 1
        left join
            {{ ref("int_accident__control_target") }} as target
            on target.year_number = extract(year from periods.year_start)
            and target.scope_code = 'all'
            and target.indicator_code = 'deaths'
            and target.area_code = area.area_code
        -- a year to date is known only if the history reaches back to January
        where history.history_start <= periods.year_start
    )

select
    month_start,
    area_code,
    'death_control' as indicator_code,
    cast(deaths as double) as numerator,
    -- what the year allows, shared out by months, to the next whole person
    ceil(cast(death_target as double) * elapsed_months / 12 - 0.000001) as denominator
from totals
union all
select month_start, area_code, 'relatively_serious_accident', cast(relatively_serious as double), cast(null as double)
from totals
union all
select
    month_start,
    area_code,
    'deaths_per_100m_gdp',
    cast(deaths as double),
    cast(gdp_yuan as double) / 100000000 * elapsed_months / 12
from totals
where gdp_yuan is not null
union all
select
    month_start,
    area_code,
    'accidents_change',
    cast(accidents as double),
    case when has_year_before then cast(accidents_last_year as double) end
from totals
