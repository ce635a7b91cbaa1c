-- One row per month, area and accident domain: counted accidents only. Every combination is there, so 0 is a true 0;
-- the loss of accidents of which no loss is reported yet is unknown.
-- Figures compared with are of the same length: for the running month last year's, last month's and the base year's
-- only up to the same day. The domains are those that anybody reports, and work and road always.
{%- set measures = ["accidents", "deaths", "serious_injuries", "relatively_serious_or_above", "coal_deaths"] %}
{%- set counted_as %}
            count(*) as accidents,
            cast(sum(deaths) as bigint) as deaths,
            cast(sum(serious_injuries) as bigint) as serious_injuries,
            count(case when is_relatively_serious_or_above then 1 end) as relatively_serious_or_above,
            cast(sum(case when work_group_code = 'coal' then deaths else 0 end) as bigint) as coal_deaths
{%- endset %}
with
    counted as (
        select
            month_start,
            occurred_on,
            accident_domain,
            work_group_code,
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
                    "work_group_code",
                    "deaths",
                    "serious_injuries",
                    "direct_loss_yuan",
                    "is_relatively_serious_or_above",
                ],
            )
        }}
    ),

    this_year as (
        select month_start, area_code, accident_domain, sum(direct_loss_yuan) as direct_loss_yuan, {{ counted_as }}
        from event
        group by month_start, area_code, accident_domain
    ),

    {% for relation, months in [("last_year", 12), ("previous", 1)] %}
        {{ relation }} as (
            select {{ add_months("month_start", months) }} as month_start, area_code, accident_domain, {{ counted_as }}
            from event
            where occurred_on <= {{ months_before(as_of(), months) }}
            group by {{ add_months("month_start", months) }}, area_code, accident_domain
        ),
    {% endfor %}

    base_period as (
        select base_year
        from {{ ref("accident_base_period") }}
        where base_version = '{{ var("accident_base_version") }}'
    ),

    base as ({{ base_counts("event", ["area_code", "accident_domain"], counted_as) }}),

    first_month as (select min(month_start) as month_start from counted),

    spine as (
        select
            month.month_start,
            area.area_code,
            area.area_name,
            area.area_level,
            area.area_order,
            domain.accident_domain,
            domain.accident_domain_name
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join {{ ref("dim_district") }} as area
        cross join
            (
                select accident_domain, accident_domain_name
                from {{ ref("accident_domain") }}
                where
                    accident_domain in ('work', 'road')
                    or accident_domain in (select accident_domain from {{ ref("fct_accident") }})
            ) as domain
        cross join first_month
        where month.month_start >= first_month.month_start and month.month_start <= {{ as_of() }}
    )

select
    spine.month_start,
    spine.area_code,
    spine.accident_domain,
    spine.accident_domain_name,
    spine.area_name,
    spine.area_level,
    spine.area_order,
    {% for measure in measures %} coalesce(this_year.{{ measure }}, 0) as {{ measure }}, {% endfor %}
    cast(
        case when this_year.accidents > 0 then this_year.direct_loss_yuan else 0 end as decimal(18, 2)
    ) as direct_loss_yuan,
    {% for relation, months in [("last_year", 12), ("previous", 1)] %}
        {% for measure in measures %}
            case
                when {{ add_months("spine.month_start", "-" ~ months) }} >= first_month.month_start
                then coalesce({{ relation }}.{{ measure }}, 0)
            end as {{ measure }}_{{ relation }},
        {% endfor %}
    {% endfor %}
    {% for measure in measures %}
        case
            when {{ has_base("spine.month_start", "base_period.base_year", "first_month.month_start") }}
            then coalesce(base.{{ measure }}, 0)
        end as {{ measure }}_base,
    {% endfor %}
    base_period.base_year
from spine
cross join first_month
cross join base_period
{% for relation in ["this_year", "last_year", "previous"] %}
    left join
        {{ relation }}
        on spine.month_start = {{ relation }}.month_start
        and spine.area_code = {{ relation }}.area_code
        and spine.accident_domain = {{ relation }}.accident_domain
{% endfor %}
left join
    base
    on {{ base_joins("spine.month_start", "base") }}
    and spine.area_code = base.area_code
    and spine.accident_domain = base.accident_domain
