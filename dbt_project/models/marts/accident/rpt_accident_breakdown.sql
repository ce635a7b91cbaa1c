-- One row per month, period kind (month, or year to date), area, dimension (统计领域、行业分组、门类、大类、主管部门、街镇、
-- 事故类别) and item of it. The items of one dimension sum to the area's figure; two dimensions are never added, nor are 属地
-- (the area) and 行业主管 (the department): each accident is in both once. What has no code, and what has one that is on no
-- list, is one item, 未知.
{%- set dimensions = {
    "domain": ("accident_domain", "accident_domain_name", "统计领域"),
    "work_group": ("work_group_code", "work_group_name", "工矿商贸行业分组"),
    "section": ("section_code", "section_name", "行业门类"),
    "division": ("division_code", "division_name", "行业大类"),
    "department": ("supervising_department", "supervising_department", "行业主管部门"),
    "street": ("street_code", "street_name", "街镇"),
    "accident_type": ("accident_type_code", "accident_type_name", "事故类别"),
} %}
{%- set measures = ["accidents", "deaths", "serious_injuries", "relatively_serious_or_above"] %}
{%- set counted_as %}
            count(*) as accidents,
            cast(sum(deaths) as bigint) as deaths,
            cast(sum(serious_injuries) as bigint) as serious_injuries,
            count(case when is_relatively_serious_or_above then 1 end) as relatively_serious_or_above
{%- endset %}
{%- set key = ["month_start", "area_code", "dimension_code", "item_code"] %}
with
    classified as (
        {% for dimension, (code, name, label) in dimensions.items() %}
            select
                month_start,
                occurred_on,
                district_code,
                functional_zone_code,
                deaths,
                serious_injuries,
                is_relatively_serious_or_above,
                '{{ dimension }}' as dimension_code,
                case
                    when coalesce({{ name }}, '{{ var("unknown_name") }}') = '{{ var("unknown_name") }}'
                    then 'unknown'
                    else coalesce({{ code }}, 'unknown')
                end as item_code,
                coalesce({{ name }}, '{{ var("unknown_name") }}') as item_name
            from {{ ref("fct_accident") }}
            where
                is_statistical and occurred_on <= {{ as_of() }}
                {% if dimension == "work_group" %} and accident_domain = 'work' {% endif %}
                {% if dimension == "accident_type" %} and accident_domain <> 'road' {% endif %}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    event as (
        {{
            by_area(
                "classified",
                [
                    "month_start",
                    "occurred_on",
                    "deaths",
                    "serious_injuries",
                    "is_relatively_serious_or_above",
                    "dimension_code",
                    "item_code",
                    "item_name",
                ],
            )
        }}
    ),

    this_year as (select {{ key | join(", ") }}, {{ counted_as }} from event group by {{ key | join(", ") }}),

    {% for relation, months in [("last_year", 12), ("previous", 1)] %}
        {{ relation }} as (
            select
                {{ add_months("month_start", months) }} as month_start,
                area_code,
                dimension_code,
                item_code,
                {{ counted_as }}
            from event
            where occurred_on <= {{ months_before(as_of(), months) }}
            group by {{ add_months("month_start", months) }}, area_code, dimension_code, item_code
        ),
    {% endfor %}

    base_period as (
        select base_year
        from {{ ref("accident_base_period") }}
        where base_version = '{{ var("accident_base_version") }}'
    ),

    base as ({{ base_counts("event", ["area_code", "dimension_code", "item_code"], counted_as) }}),

    first_month as (select min(month_start) as month_start from event),

    spine as (
        select month.month_start, item.area_code, item.dimension_code, item.item_code, item.item_name
        from
            (
                select area_code, dimension_code, item_code, max(item_name) as item_name
                from event
                group by area_code, dimension_code, item_code
            ) as item
        cross join (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join first_month
        where month.month_start >= first_month.month_start and month.month_start <= {{ as_of() }}
    ),

    monthly as (
        select
            spine.month_start,
            spine.area_code,
            spine.dimension_code,
            spine.item_code,
            spine.item_name,
            extract(year from spine.month_start) as year_number,
            base_period.base_year,
            {% for measure in measures %}
                case
                    when {{ has_base("spine.month_start", "base_period.base_year", "first_month.month_start") }}
                    then coalesce(base.{{ measure }}, 0)
                end as {{ measure }}_base,
                coalesce(this_year.{{ measure }}, 0) as {{ measure }},
                case
                    when {{ add_months("spine.month_start", -12) }} >= first_month.month_start
                    then coalesce(last_year.{{ measure }}, 0)
                end as {{ measure }}_last_year,
                case
                    when {{ add_months("spine.month_start", -1) }} >= first_month.month_start
                    then coalesce(previous.{{ measure }}, 0)
                end as {{ measure }}_previous
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from spine
        cross join first_month
        cross join base_period
        left join
            base
            on {{ base_joins("spine.month_start", "base") }}
            and spine.area_code = base.area_code
            and spine.dimension_code = base.dimension_code
            and spine.item_code = base.item_code
        {% for relation in ["this_year", "last_year", "previous"] %}
            left join
                {{ relation }}
                on spine.month_start = {{ relation }}.month_start
                and spine.area_code = {{ relation }}.area_code
                and spine.dimension_code = {{ relation }}.dimension_code
                and spine.item_code = {{ relation }}.item_code
        {% endfor %}
    ),

    figure as (
        select
            month_start,
            area_code,
            dimension_code,
            item_code,
            item_name,
            'month' as period_kind,
            base_year,
            {% for measure in measures %}
                {{ measure }},
                {{ measure }}_last_year,
                {{ measure }}_base,
                {{ measure }}_previous
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from monthly
        union all
        -- a year to date is known only if every month since January is there
        select
            month_start,
            area_code,
            dimension_code,
            item_code,
            item_name,
            'ytd' as period_kind,
            base_year,
            {% for measure in measures %}
                case
                    when count(*) over year_to_date = extract(month from month_start)
                    then cast(sum({{ measure }}) over year_to_date as bigint)
                end as {{ measure }},
                {% for other in ["last_year", "base"] %}
                    case
                        when count({{ measure }}_{{ other }}) over year_to_date = extract(month from month_start)
                        then cast(sum({{ measure }}_{{ other }}) over year_to_date as bigint)
                    end as {{ measure }}_{{ other }},
                {% endfor %}
                cast(null as bigint) as {{ measure }}_previous
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from monthly
        window
            year_to_date as (
                partition by area_code, dimension_code, item_code, year_number
                order by month_start asc nulls last
                rows between unbounded preceding and current row
            )
    )

select
    figure.month_start,
    figure.period_kind,
    case figure.period_kind when 'month' then '当月' else '本年累计' end as period_name,
    figure.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    figure.dimension_code,
    case
        figure.dimension_code
        {% for dimension, (code, name, label) in dimensions.items() %}
            when '{{ dimension }}' then '{{ label }}'
        {% endfor %}
    end as dimension_name,
    figure.item_code,
    figure.item_name,
    {% for measure in measures %}
        figure.{{ measure }},
        figure.{{ measure }}_last_year,
        {{ change_text("figure." ~ measure, "figure." ~ measure ~ "_last_year") }} as {{ measure }}_change_text,
        figure.{{ measure }}_previous,
        {{ change_text("figure." ~ measure, "figure." ~ measure ~ "_previous") }} as {{ measure }}_chain_text,
        figure.{{ measure }}_base,
        {{ change_text("figure." ~ measure, "figure." ~ measure ~ "_base") }} as {{ measure }}_base_text,
    {% endfor %}
    cast(figure.base_year as bigint) as base_year,
    {{ as_of() }} as as_of
from figure
inner join {{ ref("dim_district") }} as area on figure.area_code = area.area_code
