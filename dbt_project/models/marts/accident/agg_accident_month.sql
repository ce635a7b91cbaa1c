-- One row per month, area and accident domain: counted accidents only. Every combination is there, so 0 is a true 0.
-- Last year's figures are of the same period: for the running month only up to the same day a year before.
with
    counted as (
        select
            month_start,
            occurred_on,
            accident_domain,
            district_code,
            functional_zone_code,
            deaths,
            serious_injuries,
            direct_loss_yuan,
            is_relatively_serious_or_above
        from {{ ref("fct_accident") }}
        where is_statistical and occurred_on <= {{ as_of() }}
    ),

    event as (
        {{
            by_area(
                "counted",
                [
                    "month_start",
                    "occurred_on",
                    "accident_domain",
                    "deaths",
                    "serious_injuries",
                    "direct_loss_yuan",
                    "is_relatively_serious_or_above",
                ],
            )
        }}
    ),

    this_year as (
        select
            month_start,
            area_code,
            accident_domain,
            count(*) as accidents,
            cast(sum(deaths) as bigint) as deaths,
            cast(sum(serious_injuries) as bigint) as serious_injuries,
            count(case when is_relatively_serious_or_above then 1 end) as relatively_serious_or_above,
            sum(direct_loss_yuan) as direct_loss_yuan
        from event
        group by month_start, area_code, accident_domain
    ),

    last_year as (
        select
            {{ add_months("month_start", 12) }} as month_start,
            area_code,
            accident_domain,
            count(*) as accidents,
            cast(sum(deaths) as bigint) as deaths,
            cast(sum(serious_injuries) as bigint) as serious_injuries,
            count(case when is_relatively_serious_or_above then 1 end) as relatively_serious_or_above
        from event
        where occurred_on <= {{ year_before(as_of()) }}
        group by {{ add_months("month_start", 12) }}, area_code, accident_domain
    ),

    first_month as (select min(month_start) as month_start from counted),

    spine as (
        select
            month.month_start, area.area_code, area.area_name, area.area_level, area.area_order, domain.accident_domain
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join {{ ref("dim_district") }} as area
        cross join
            (
                select 'work' as accident_domain
                union all
                select 'road' as accident_domain
            ) as domain
        cross join first_month
        where month.month_start >= first_month.month_start and month.month_start <= {{ as_of() }}
    )

select
    spine.month_start,
    spine.area_code,
    spine.accident_domain,
    case spine.accident_domain when 'work' then '工矿商贸及其他' when 'road' then '道路运输' end as accident_domain_name,
    spine.area_name,
    spine.area_level,
    spine.area_order,
    coalesce(this_year.accidents, 0) as accidents,
    coalesce(this_year.deaths, 0) as deaths,
    coalesce(this_year.serious_injuries, 0) as serious_injuries,
    coalesce(this_year.relatively_serious_or_above, 0) as relatively_serious_or_above,
    cast(coalesce(this_year.direct_loss_yuan, 0) as decimal(18, 2)) as direct_loss_yuan,
    {% for measure in ["accidents", "deaths", "serious_injuries", "relatively_serious_or_above"] %}
        case
            when {{ add_months("spine.month_start", -12) }} >= first_month.month_start
            then coalesce(last_year.{{ measure }}, 0)
        end as {{ measure }}_last_year
        {% if not loop.last %},{% endif %}
    {% endfor %}
from spine
cross join first_month
left join
    this_year
    on spine.month_start = this_year.month_start
    and spine.area_code = this_year.area_code
    and spine.accident_domain = this_year.accident_domain
left join
    last_year
    on spine.month_start = last_year.month_start
    and spine.area_code = last_year.area_code
    and spine.accident_domain = last_year.accident_domain
