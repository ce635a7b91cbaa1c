-- One row per area (city, districts, functional zone) × month of int_core__measuring_month: the running one and 36
-- before it.
{%- set stock = ["month_start", "is_insured", "is_lapsed"] %}
{%- set flows = [
    "policies_signed",
    "claims_reported",
    "claims_open",
    "claims_settled",
    "days_to_settle_total",
    "claims_settled_in_time",
    "services",
    "service_hazards_found",
    "service_hazards_rectified",
    "service_complaints",
    "policies_expired",
    "policies_renewed_on_time",
    "policies_renewed_late",
    "policies_in_force",
    "policies_due_service",
    "policies_served",
] %}
{%- set amounts = [
    "premium_signed_yuan",
    "premium_received_yuan",
    "premium_refunded_yuan",
    "earned_premium_yuan",
    "sum_insured_yuan",
    "paid_yuan",
    "incurred_yuan",
    "service_cost_yuan",
] %}
with
    stock as (
        select
            month_start,
            area_code,
            count(*) as in_scope_enterprises,
            count(*) filter (where is_insured) as insured_enterprises,
            count(*) filter (where is_lapsed) as lapsed_enterprises
        from ({{ by_area(ref("int_insurance__entity_month"), stock) }}) as entity_areas
        group by month_start, area_code
    ),

    measured as (
        select month_start, area_code, measure, sum(amount) as amount
        from ({{ by_area(ref("int_insurance__measure"), ["month_start", "measure", "amount"]) }}) as measure_areas
        group by month_start, area_code, measure
    ),

    flow as (
        select
            month_start,
            area_code
            {%- for name in flows + amounts %}
                , sum(case when measure = '{{ name }}' then amount end) as {{ name }}
            {%- endfor %}
        from measured
        group by month_start, area_code
    )

select
    months.month_start,
    area.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    months.measured_on,
    cast(coalesce(stock.in_scope_enterprises, 0) as bigint) as in_scope_enterprises,
    cast(coalesce(stock.insured_enterprises, 0) as bigint) as insured_enterprises,
    cast(coalesce(stock.lapsed_enterprises, 0) as bigint) as lapsed_enterprises
    {%- for name in flows %}, cast(coalesce(flow.{{ name }}, 0) as bigint) as {{ name }} {%- endfor %}
    {%- for name in amounts %}, cast(coalesce(flow.{{ name }}, 0) as decimal(18, 2)) as {{ name }} {%- endfor %}
from {{ ref("int_core__measuring_month") }} as months
cross join {{ ref("dim_district") }} as area
left join stock on stock.month_start = months.month_start and stock.area_code = area.area_code
left join flow on flow.month_start = months.month_start and flow.area_code = area.area_code
