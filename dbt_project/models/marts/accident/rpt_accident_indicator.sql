-- One row per month, area, indicator and period kind (month, or year to date), with 同比, 环比 and the base period, each
-- of the same length. Relative indicators exist for the year to date only and are null until that year's denominator
-- is released. The dead of the road rate are those of all road traffic (the police's monthly return), as its
-- denominator is all motor vehicles; operating vehicles alone are the domain 道路运输 of agg_accident_month.
{%- set counts = ["accidents", "deaths", "serious_injuries", "relatively_serious_or_above"] %}
{%- set rates = {
    "deaths_per_100m_gdp": {"numerator": "deaths", "denominator": "gdp_100m_yuan"},
    "work_deaths_per_100k_employed": {"numerator": "work_deaths", "denominator": "employed_100k"},
    "road_deaths_per_10k_vehicles": {"numerator": "road_deaths", "denominator": "vehicles_10k"},
    "coal_deaths_per_million_tonnes": {"numerator": "coal_deaths", "denominator": "coal_million_tonnes"},
} %}
{%- set summed = counts + ["work_deaths", "road_deaths", "coal_deaths"] %}
{%- set denominators = ["gdp_100m_yuan", "employed_100k", "vehicles_10k", "coal_million_tonnes"] %}
with
    counted as (
        select
            month_start,
            area_code,
            base_year,
            extract(year from month_start) as year_number,
            {% for measure in counts + ["coal_deaths"] %}
                cast(sum({{ measure }}) as bigint) as {{ measure }},
                {% for other in ["last_year", "previous", "base"] %}
                    cast(sum({{ measure }}_{{ other }}) as bigint) as {{ measure }}_{{ other }},
                {% endfor %}
            {% endfor %}
            cast(sum(case when accident_domain = 'work' then deaths else 0 end) as bigint) as work_deaths,
            {% for other in ["last_year", "base"] %}
                cast(
                    sum(case when accident_domain = 'work' then deaths_{{ other }} end) as bigint
                ) as work_deaths_{{ other }}
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from {{ ref("agg_accident_month") }}
        group by month_start, area_code, base_year
    ),

    -- a return is of whole months: a running month has none, and nothing to be compared with
    monthly as (
        select
            counted.*,
            traffic.deaths as road_deaths,
            traffic_last_year.deaths as road_deaths_last_year,
            traffic_base.deaths as road_deaths_base
        from counted
        {% for alias, months in {
                "traffic": "0",
                "traffic_last_year": "-12",
                "traffic_base": "-12 * (counted.year_number - counted.base_year)",
            }.items() %}
            left join
                {{ ref("int_accident__road_traffic") }} as {{ alias }}
                on counted.area_code = {{ alias }}.area_code
                and {{ alias }}.month_start = case
                    when
                        {{ month_end("counted.month_start") }} <= {{ as_of() }}
                        {% if alias == "traffic_base" %} and counted.year_number > counted.base_year {% endif %}
                    then {{ add_months("counted.month_start", months) }}
                end
        {% endfor %}
    ),

    -- a year to date is known only if every month since January is there
    to_date as (
        select
            month_start,
            area_code,
            base_year,
            year_number,
            {% for measure in summed %}
                case
                    when count({{ measure }}) over year_to_date = extract(month from month_start)
                    then cast(sum({{ measure }}) over year_to_date as bigint)
                end as {{ measure }},
                {% for other in ["last_year", "base"] %}
                    case
                        when count({{ measure }}_{{ other }}) over year_to_date = extract(month from month_start)
                        then cast(sum({{ measure }}_{{ other }}) over year_to_date as bigint)
                    end as {{ measure }}_{{ other }},
                {% endfor %}
                cast(null as bigint) as {{ measure }}_previous
                {% if not loop.last %},{% endif %}
            {% endfor %}
        from monthly
        window
            year_to_date as (
                partition by area_code, year_number
                order by month_start asc nulls last
                rows between unbounded preceding and current row
            )
    ),

    denominator as (
        select
            area_code,
            year_number,
            cast(gdp_yuan as double) / 100000000 as gdp_100m_yuan,
            cast(employed_persons as double) / 100000 as employed_100k,
            cast(vehicles as double) / 10000 as vehicles_10k,
            cast(coal_output_tonnes as double) / 1000000 as coal_million_tonnes
        from {{ ref("int_accident__denominator") }}
    ),

    relative as (
        select
            to_date.*,
            {% for name in denominators %}
                this_year.{{ name }},
                last_year.{{ name }} as {{ name }}_last_year,
                base.{{ name }} as {{ name }}_base
                {% if not loop.last %},{% endif %}
            {% endfor %}
        from to_date
        left join
            denominator as this_year
            on to_date.area_code = this_year.area_code
            and to_date.year_number = this_year.year_number
        left join
            denominator as last_year
            on to_date.area_code = last_year.area_code
            and to_date.year_number = last_year.year_number + 1
        left join denominator as base on to_date.area_code = base.area_code and to_date.base_year = base.year_number
    ),

    figure as (
        {% for relation, period_kind in [("monthly", "month"), ("to_date", "ytd")] %}
            {% for measure in counts %}
                select
                    month_start,
                    area_code,
                    base_year,
                    '{{ measure }}' as indicator_code,
                    '{{ period_kind }}' as period_kind,
                    cast({{ measure }} as double) as value,
                    cast({{ measure }}_last_year as double) as value_last_year,
                    cast({{ measure }}_previous as double) as value_previous,
                    cast({{ measure }}_base as double) as value_base,
                    cast({{ measure }} as double) as numerator,
                    cast(null as double) as denominator,
                    0 as digits
                from {{ relation }}
                union all
            {% endfor %}
        {% endfor %}
        {% for code, rate in rates.items() %}
            select
                month_start,
                area_code,
                base_year,
                '{{ code }}' as indicator_code,
                'ytd' as period_kind,
                {{ ratio(rate.numerator, rate.denominator) }} as value,
                {{ ratio(rate.numerator ~ "_last_year", rate.denominator ~ "_last_year") }} as value_last_year,
                cast(null as double) as value_previous,
                {{ ratio(rate.numerator ~ "_base", rate.denominator ~ "_base") }} as value_base,
                cast({{ rate.numerator }} as double) as numerator,
                {{ rate.denominator }} as denominator,
                4 as digits
            from relative
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    figure.month_start,
    figure.area_code,
    figure.indicator_code,
    figure.period_kind,
    case figure.period_kind when 'month' then '当月' else '本年累计' end as period_name,
    area.area_name,
    area.area_level,
    area.area_order,
    indicator.indicator_name,
    indicator.unit,
    indicator.caliber,
    indicator.display_order as indicator_order,
    {{ half_up("figure.value", 6) }} as value,
    {{ half_up("figure.value_last_year", 6) }} as value_last_year,
    {{ half_up(change_ratio("figure.value", "figure.value_last_year"), 4) }} as change_ratio,
    {% for other, text in [("last_year", "change_text"), ("previous", "chain_text"), ("base", "base_text")] %}
        case
            when figure.digits = 0
            then {{ change_text("figure.value", "figure.value_" ~ other) }}
            else {{ change_text("figure.value", "figure.value_" ~ other, 4) }}
        end as {{ text }},
    {% endfor %}
    {{ half_up("figure.value_previous", 6) }} as value_previous,
    {{ half_up(change_ratio("figure.value", "figure.value_previous"), 4) }} as chain_ratio,
    {{ half_up("figure.value_base", 6) }} as value_base,
    {{ half_up(change_ratio("figure.value", "figure.value_base"), 4) }} as base_ratio,
    cast(figure.base_year as bigint) as base_year,
    {{ half_up("figure.numerator", 2) }} as numerator,
    {{ half_up("figure.denominator", 4) }} as denominator,
    {{ as_of() }} as as_of
from figure
inner join {{ ref("accident_indicator") }} as indicator on figure.indicator_code = indicator.indicator_code
inner join {{ ref("dim_district") }} as area on figure.area_code = area.area_code
