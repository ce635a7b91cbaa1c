-- One row per disaster event (灾害事件) × area it was paid in: households, what was granted and paid, how fast.
with
    placed as (
        {{
            by_area(
                ref("fct_disaster_payment"),
                [
                    "event_no",
                    "event_name",
                    "disaster_kind_name",
                    "event_on",
                    "insurance_kind",
                    "households",
                    "approved_yuan",
                    "paid_yuan",
                    "paid_on",
                    "is_paid",
                ],
            )
        }}
    )

select
    placed.event_no,
    placed.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    max(placed.event_name) as event_name,
    -- what one of the payments knows, all of them know
    coalesce(
        max(case when placed.disaster_kind_name <> '{{ var("unknown_name") }}' then placed.disaster_kind_name end),
        max(placed.disaster_kind_name)
    ) as disaster_kind_name,
    min(placed.event_on) as event_on,
    cast(count(*) as bigint) as batches,
    cast(sum(placed.households) as bigint) as households,
    cast(sum(placed.approved_yuan) as decimal(18, 2)) as approved_yuan,
    cast(sum(placed.paid_yuan) as decimal(18, 2)) as paid_yuan,
    cast(
        sum(case when placed.insurance_kind = 'catastrophe' then placed.paid_yuan else 0 end) as decimal(18, 2)
    ) as catastrophe_paid_yuan,
    cast(
        sum(case when placed.insurance_kind = 'livelihood' then placed.paid_yuan else 0 end) as decimal(18, 2)
    ) as livelihood_paid_yuan,
    cast(sum(case when placed.is_paid then 0 else 1 end) as bigint) as unpaid_batches,
    {{ days_between("min(placed.event_on)", "min(placed.paid_on)") }} as days_to_first_payment,
    {{ days_between("min(placed.event_on)", "max(placed.paid_on)") }} as days_to_last_payment,
    {{ as_of() }} as as_of
from placed
join {{ ref("dim_district") }} as area on area.area_code = placed.area_code
group by placed.event_no, placed.area_code, area.area_name, area.area_level, area.area_order
