-- One row per month, area, indicator and period kind (month, or year to date), with 同比 against the same period.
-- Relative indicators exist for the year to date only and are null until that year's denominator is released.
{%- set counts = ["accidents", "deaths", "serious_injuries", "relatively_serious_or_above"] %}
{%- set rates = {
    "deaths_per_100m_gdp": {"numerator": "deaths", "denominator": "gdp_100m_yuan"},
    "work_deaths_per_100k_employed": {"numerator": "work_deaths", "denominator": "employed_100k"},
    "road_deaths_per_10k_vehicles": {"numerator": "road_deaths", "denominator": "vehicles_10k"},
} %}
{%- set summed = counts + ["work_deaths", "road_deaths"] %}
with
    monthly as (
        select
            month_start,
            area_code,
            extract(year from month_start) as year_number,
            {% for measure in counts %}
                cast(sum({{ measure }}) as bigint) as {{ measure }},
                cast(sum({{ measure }}_last_year) as bigint) as {{ measure }}_last_year,
            {% endfor %}
            cast(sum(case when accident_domain = 'work' then deaths else 0 end) as bigint) as work_deaths,
            cast(sum(case when accident_domain = 'work' then deaths_last_year end) as bigint) as work_deaths_last_year,
            cast(sum(case when accident_domain = 'road' then deaths else 0 end) as bigint) as road_deaths,
            cast(sum(case when accident_domain = 'road' then deaths_last_year end) as bigint) as road_deaths_last_year
        from {{ ref("agg_accident_month") }}
        group by month_start, area_code
    ),

    -- a year to date is known only if every month since January is there
    to_date as (
        select
            month_start,
            area_code,
            year_number,
            {% for measure in summed %}
                case
                    when count(*) over year_to_date = extract(month from month_start)
                    then cast(sum({{ measure }}) over year_to_date as bigint)
                end as {{ measure }},
                case
                    when count({{ measure }}_last_year) over year_to_date = extract(month from month_start)
                    then cast(sum({{ measure }}_last_year) over year_to_date as bigint)
                end as {{ measure }}_last_year
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
            cast(vehicles as double) / 10000 as vehicles_10k
        from {{ ref("int_accident__denominator") }}
    ),

    relative as (
        select
            to_date.*,
            {% for name in ["gdp_100m_yuan", "employed_100k", "vehicles_10k"] %}
                this_year.{{ name }}, last_year.{{ name }} as {{ name }}_last_year{% if not loop.last %},{% endif %}
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
    ),

    figure as (
        {% for relation, period_kind in [("monthly", "month"), ("to_date", "ytd")] %}
            {% for measure in counts %}
                select
                    month_start,
                    area_code,
                    '{{ measure }}' as indicator_code,
                    '{{ period_kind }}' as period_kind,
                    cast({{ measure }} as double) as value,
                    cast({{ measure }}_last_year as double) as value_last_year,
                    cast({{ measure }} as double) as numerator,
                    cast(null as double) as denominator
                from {{ relation }}
                union all
            {% endfor %}
        {% endfor %}
        {% for code, rate in rates.items() %}
            select
                month_start,
                area_code,
                '{{ code }}' as indicator_code,
                'ytd' as period_kind,
                {{ ratio(rate.numerator, rate.denominator) }} as value,
                {{ ratio(rate.numerator ~ "_last_year", rate.denominator ~ "_last_year") }} as value_last_year,
                cast({{ rate.numerator }} as double) as numerator,
                {{ rate.denominator }} as denominator
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
    indicator.display_order as indicator_order,
    {{ half_up("figure.value", 6) }} as value,
    {{ half_up("figure.value_last_year", 6) }} as value_last_year,
    {{ half_up(change_ratio("figure.value", "figure.value_last_year"), 4) }} as change_ratio,
    case
        when figure.denominator is null
        then {{ change_text("figure.value", "figure.value_last_year") }}
        else {{ change_text("figure.value", "figure.value_last_year", 4) }}
    end as change_text,
    {{ half_up("figure.numerator", 2) }} as numerator,
    {{ half_up("figure.denominator", 4) }} as denominator,
    {{ as_of() }} as as_of
from figure
inner join {{ ref("accident_indicator") }} as indicator on figure.indicator_code = indicator.indicator_code
inner join {{ ref("dim_district") }} as area on figure.area_code = area.area_code
