-- One row per month, area, indicator and period kind (month, or year to date), with 同比, 环比 and the target where there
-- is one. What is counted on a day (存量) has no year to date. A running month's flows are not whole yet and are
-- compared with nothing; a rate is a quotient of sums and differs by points, never averaged.
{#- code: (kind, numerator, denominator) -#}
{%- set indicators = {
    "in_scope": ("stock", "in_scope_enterprises", none),
    "insured": ("stock", "insured_enterprises", none),
    "uninsured": ("stock", "in_scope_enterprises - insured_enterprises", none),
    "lapsed": ("stock", "lapsed_enterprises", none),
    "coverage": ("stock", "insured_enterprises", "in_scope_enterprises"),
    "policies_in_force": ("stock", "policies_in_force", none),
    "service_rate": ("stock", "policies_served", "policies_due_service"),
    "claims_open": ("stock", "claims_open", none),
    "policies_signed": ("flow", "policies_signed", none),
    "premium_signed": ("flow", "premium_signed_yuan / 10000", none),
    "premium_received": ("flow", "premium_received_yuan / 10000", none),
    "earned_premium": ("flow", "earned_premium_yuan / 10000", none),
    "claims_reported": ("flow", "claims_reported", none),
    "claims_settled": ("flow", "claims_settled", none),
    "paid": ("flow", "paid_yuan / 10000", none),
    "incurred": ("flow", "incurred_yuan / 10000", none),
    "simple_loss_ratio": ("flow", "paid_yuan", "premium_received_yuan"),
    "earned_loss_ratio": ("flow", "incurred_yuan", "earned_premium_yuan"),
    "mean_days_to_settle": ("flow", "days_to_settle_total", "claims_settled"),
    "services": ("flow", "services", none),
    "service_cost_ratio": ("flow", "service_cost_yuan", "premium_received_yuan"),
    "on_time_renewal_rate": ("flow", "policies_renewed_on_time", "policies_expired"),
} %}
with
    monthly as (
        {% for code, (kind, numerator, denominator) in indicators.items() %}
            select
                month_start,
                area_code,
                '{{ code }}' as indicator_code,
                '{{ kind }}' as kind,
                cast({{ numerator }} as double) as numerator,
                {% if denominator %} cast({{ denominator }} as double)
                {% else %} cast(null as double)
                {% endif %} as denominator
            from {{ ref("agg_insurance_month") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    period as (
        select month_start, area_code, indicator_code, kind, 'month' as period_kind, numerator, denominator
        from monthly
        union all
        -- a year to date is known only if every month since January is there
        select
            month_start,
            area_code,
            indicator_code,
            kind,
            'ytd' as period_kind,
            case
                when count(*) over year_to_date = extract(month from month_start) then sum(numerator) over year_to_date
            end as numerator,
            case
                when count(*) over year_to_date = extract(month from month_start)
                then sum(denominator) over year_to_date
            end as denominator
        from monthly
        where kind = 'flow'
        window
            year_to_date as (
                partition by area_code, indicator_code, extract(year from month_start)
                order by month_start asc nulls last
                rows between unbounded preceding and current row
            )
    ),

    valued as (
        select
            period.*,
            indicator.is_rate,
            case
                when indicator.is_rate then {{ ratio("period.numerator", "period.denominator") }} else period.numerator
            end as value,
            period.kind = 'stock' or {{ month_end("period.month_start") }} <= {{ as_of() }} as is_whole
        from period
        inner join {{ ref("insurance_indicator") }} as indicator on period.indicator_code = indicator.indicator_code
    ),

    compared as (
        select
            valued.*,
            case when valued.is_whole then last_year.value end as value_last_year,
            case when valued.is_whole and valued.period_kind = 'month' then previous.value end as value_previous
        from valued
        {% for alias, months in [("last_year", -12), ("previous", -1)] %}
            left join
                valued as {{ alias }}
                on valued.area_code = {{ alias }}.area_code
                and valued.indicator_code = {{ alias }}.indicator_code
                and valued.period_kind = {{ alias }}.period_kind
                and {{ add_months("valued.month_start", months) }} = {{ alias }}.month_start
        {% endfor %}
    )

select
    compared.month_start,
    compared.area_code,
    compared.indicator_code,
    compared.period_kind,
    case compared.period_kind when 'month' then '当月' else '本年累计' end as period_name,
    area.area_name,
    area.area_level,
    area.area_order,
    indicator.indicator_name,
    indicator.unit,
    indicator.caliber,
    indicator.display_order as indicator_order,
    compared.is_rate,
    compared.is_whole as is_whole_period,
    {{ half_up("compared.value", 6) }} as value,
    {% for other, ratio_name, points_name, text in [
        ("last_year", "change_ratio", "change_points", "change_text"),
        ("previous", "chain_ratio", "chain_points", "chain_text"),
    ] %}
        {{ half_up("compared.value_" ~ other, 6) }} as value_{{ other }},
        case
            when not compared.is_rate then {{ half_up(change_ratio("compared.value", "compared.value_" ~ other), 4) }}
        end as {{ ratio_name }},
        case
            when compared.is_rate and indicator.unit = '%'
            then {{ half_up("(compared.value - compared.value_" ~ other ~ ") * 100", 2) }}
        end as {{ points_name }},
        case
            when compared.is_rate and indicator.unit = '%'
            then {{ points_text("compared.value", "compared.value_" ~ other) }}
            when indicator.unit in ('万元', '日')
            then {{ change_text("compared.value", "compared.value_" ~ other, 1) }}
            else {{ change_text("compared.value", "compared.value_" ~ other) }}
        end as {{ text }},
    {% endfor %}
    case when compared.month_start >= indicator.target_from then indicator.target_value end as target_value,
    case
        when compared.month_start >= indicator.target_from then compared.value >= indicator.target_value
    end as is_on_target,
    {{ half_up("compared.numerator", 2) }} as numerator,
    {{ half_up("compared.denominator", 2) }} as denominator,
    {{ as_of() }} as as_of
from compared
inner join {{ ref("insurance_indicator") }} as indicator on compared.indicator_code = indicator.indicator_code
inner join {{ ref("dim_district") }} as area on compared.area_code = area.area_code
