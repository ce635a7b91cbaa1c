-- One row per insurer × area × month of int_core__measuring_month: the co-insurers' business by their shares.
{%- set counts = ["policies_signed", "claims_reported"] %}
{%- set amounts = [
    "premium_signed_yuan",
    "premium_received_yuan",
    "premium_refunded_yuan",
    "earned_premium_yuan",
    "paid_yuan",
    "incurred_yuan",
] %}
with
    measured as (
        select
            month_start,
            area_code,
            insurer
            {%- for name in counts + amounts %}
                , sum(case when measure = '{{ name }}' then amount end) as {{ name }}
            {%- endfor %}
        from
            (
                {{
                    by_area(
                        ref("int_insurance__insurer_measure"),
                        ["month_start", "insurer", "measure", "amount"],
                    )
                }}
            ) as measure_areas
        group by month_start, area_code, insurer
    ),

    insurers as (select distinct insurer from {{ ref("int_insurance__policy_share") }})

select
    months.month_start,
    area.area_code,
    insurers.insurer,
    area.area_name,
    area.area_level,
    area.area_order,
    months.measured_on
    {%- for name in counts %}, cast(coalesce(measured.{{ name }}, 0) as bigint) as {{ name }} {%- endfor %}
    {%- for name in amounts %}, cast(coalesce(measured.{{ name }}, 0) as decimal(18, 2)) as {{ name }} {%- endfor %}
from {{ ref("int_core__measuring_month") }} as months
cross join {{ ref("dim_district") }} as area
cross join insurers
left join
    measured
    on measured.month_start = months.month_start
    and measured.area_code = area.area_code
    and measured.insurer = insurers.insurer
