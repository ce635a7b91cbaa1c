-- One row per area (city, districts, functional zone) × month of int_core__measuring_month: the running one and 36
-- before it.
{%- set stock = ["month_start", "is_insured", "is_lapsed"] %}
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

    signed as (
        select
            signed_month as month_start,
            area_code,
            count(*) as policies_signed,
            sum(premium_signed_yuan) as premium_signed_yuan,
            sum(premium_received_yuan) as premium_received_yuan
        from
            (
                {{
                    by_area(
                        ref("fct_policy"),
                        ["signed_month", "premium_signed_yuan", "premium_received_yuan"],
                    )
                }}
            ) as policy_areas
        group by signed_month, area_code
    ),

    reported as (
        select reported_month as month_start, area_code, count(*) as claims_reported
        from ({{ by_area(ref("fct_claim"), ["reported_month"]) }}) as claim_areas
        group by reported_month, area_code
    ),

    settled as (
        select settled_month as month_start, area_code, sum(paid_yuan) as paid_yuan
        from ({{ by_area(ref("fct_claim"), ["settled_month", "paid_yuan"]) }}) as claim_areas
        where settled_month is not null
        group by settled_month, area_code
    ),

    served as (
        select month_start, area_code, count(*) as services, sum(cost_yuan) as service_cost_yuan
        from ({{ by_area(ref("fct_service"), ["month_start", "cost_yuan"]) }}) as service_areas
        group by month_start, area_code
    )

select
    months.month_start,
    areas.area_code,
    areas.area_name,
    areas.area_level,
    areas.area_order,
    months.measured_on,
    cast(coalesce(stock.in_scope_enterprises, 0) as bigint) as in_scope_enterprises,
    cast(coalesce(stock.insured_enterprises, 0) as bigint) as insured_enterprises,
    cast(coalesce(stock.lapsed_enterprises, 0) as bigint) as lapsed_enterprises,
    cast(coalesce(signed.policies_signed, 0) as bigint) as policies_signed,
    cast(coalesce(signed.premium_signed_yuan, 0) as decimal(18, 2)) as premium_signed_yuan,
    cast(coalesce(signed.premium_received_yuan, 0) as decimal(18, 2)) as premium_received_yuan,
    cast(coalesce(reported.claims_reported, 0) as bigint) as claims_reported,
    cast(coalesce(settled.paid_yuan, 0) as decimal(18, 2)) as paid_yuan,
    cast(coalesce(served.services, 0) as bigint) as services,
    cast(coalesce(served.service_cost_yuan, 0) as decimal(18, 2)) as service_cost_yuan
from {{ ref("int_core__measuring_month") }} as months
cross join {{ ref("dim_district") }} as areas
left join stock on stock.month_start = months.month_start and stock.area_code = areas.area_code
left join signed on signed.month_start = months.month_start and signed.area_code = areas.area_code
left join reported on reported.month_start = months.month_start and reported.area_code = areas.area_code
left join settled on settled.month_start = months.month_start and settled.area_code = areas.area_code
left join served on served.month_start = months.month_start and served.area_code = areas.area_code
