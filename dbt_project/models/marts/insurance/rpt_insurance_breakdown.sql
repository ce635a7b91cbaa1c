-- One row per month, area, dimension (街镇、行业门类、行业大类) and item of it: who must be insured on the measuring day and is,
-- with last year and last month. The items of a dimension sum to the area's figure; two dimensions are never added.
{%- set dimensions = {
    "street": ("street_code", "street_name", "街镇"),
    "section": ("section_code", "section_name", "行业门类"),
    "division": ("division_code", "division_name", "行业大类"),
} %}
{%- set measures = ["in_scope", "insured", "lapsed"] %}
with
    placed as (
        select
            months.month_start,
            months.measured_on,
            months.district_code,
            months.functional_zone_code,
            months.is_insured,
            months.is_lapsed,
            enterprise.street_code,
            enterprise.street_name,
            industry.section_code,
            industry.section_name,
            industry.division_code,
            industry.division_name
        from {{ ref("int_insurance__entity_month") }} as months
        inner join {{ ref("int_core__enterprise") }} as enterprise on months.entity_id = enterprise.entity_id
        left join {{ ref("dim_industry") }} as industry on enterprise.industry_code = industry.industry_code
    ),

    classified as (
        {% for dimension, (code, name, label) in dimensions.items() %}
            select
                month_start,
                measured_on,
                district_code,
                functional_zone_code,
                '{{ dimension }}' as dimension_code,
                coalesce({{ code }}, 'unknown') as item_code,
                coalesce(max({{ name }}), '未知') as item_name,
                count(*) as in_scope,
                count(case when is_insured then 1 end) as insured,
                count(case when is_lapsed then 1 end) as lapsed
            from placed
            group by month_start, measured_on, district_code, functional_zone_code, coalesce({{ code }}, 'unknown')
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    counted as (
        select
            month_start,
            measured_on,
            area_code,
            dimension_code,
            item_code,
            max(item_name) as item_name,
            {% for measure in measures %}
                cast(sum({{ measure }}) as bigint) as {{ measure }} {%- if not loop.last %},{% endif %}
            {% endfor %}
        from
            (
                {{
                    by_area(
                        "classified",
                        ["month_start", "measured_on", "dimension_code", "item_code", "item_name"] + measures,
                    )
                }}
            ) as item_areas
        group by month_start, measured_on, area_code, dimension_code, item_code
    ),

    first_month as (select min(month_start) as month_start from counted),

    compared as (
        select
            counted.*
            {% for alias, months in [("last_year", -12), ("previous", -1)] %}
                {% for measure in measures %}
                    ,
                    case
                        when {{ add_months("counted.month_start", months) }} >= first_month.month_start
                        then coalesce({{ alias }}.{{ measure }}, 0)
                    end as {{ measure }}_{{ alias }}
                {%- endfor %}
            {% endfor %}
        from counted
        cross join first_month
        {% for alias, months in [("last_year", -12), ("previous", -1)] %}
            left join
                counted as {{ alias }}
                on counted.area_code = {{ alias }}.area_code
                and counted.dimension_code = {{ alias }}.dimension_code
                and counted.item_code = {{ alias }}.item_code
                and {{ add_months("counted.month_start", months) }} = {{ alias }}.month_start
        {% endfor %}
    )

select
    compared.month_start,
    compared.measured_on,
    compared.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    compared.dimension_code,
    case
        compared.dimension_code
        {% for dimension, (code, name, label) in dimensions.items() %}
            when '{{ dimension }}' then '{{ label }}'
        {% endfor %}
    end as dimension_name,
    compared.item_code,
    compared.item_name,
    compared.in_scope as in_scope_enterprises,
    compared.insured as insured_enterprises,
    compared.in_scope - compared.insured as uninsured_enterprises,
    compared.lapsed as lapsed_enterprises,
    {{ half_up(ratio("compared.insured", "compared.in_scope"), 4) }} as coverage_rate,
    {% for other, text, points in [
        ("last_year", "change_text", "change_points"),
        ("previous", "chain_text", "chain_points"),
    ] %}
        compared.in_scope_{{ other }} - compared.insured_{{ other }} as uninsured_{{ other }},
        {{
            change_text(
                "(compared.in_scope - compared.insured)",
                "(compared.in_scope_" ~ other ~ " - compared.insured_" ~ other ~ ")",
            )
        }} as uninsured_{{ text }},
        {{ half_up(ratio("compared.insured_" ~ other, "compared.in_scope_" ~ other), 4) }} as coverage_{{ other }},
        {{
            half_up(
                "("
                ~ ratio("compared.insured", "compared.in_scope")
                ~ " - "
                ~ ratio("compared.insured_" ~ other, "compared.in_scope_" ~ other)
                ~ ") * 100",
                2,
            )
        }} as coverage_{{ points }},
    {% endfor %}
    {{ as_of() }} as as_of
from compared
inner join {{ ref("dim_district") }} as area on compared.area_code = area.area_code
