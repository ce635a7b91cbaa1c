-- One row per batch of payments (one street, one event) of catastrophe and livelihood insurance (巨灾、民生保险), latest.
with payments as ({{ latest_standing(ref("stg_jrjg__disaster_payment"), ["payment_no"]) }})

select
    payments.payment_no,
    payments.insurance_kind,
    {{ code_label("jrjg.disaster_payment", "insurance_kind", "payments.insurance_kind") }} as insurance_kind_name,
    payments.event_no,
    payments.event_name,
    payments.disaster_kind,
    {{ code_label("jrjg.disaster_payment", "disaster_kind", "payments.disaster_kind") }} as disaster_kind_name,
    payments.event_on,
    {{ month_start("payments.event_on") }} as month_start,
    payments.district_code,
    {{ known_name("district.area_name", "payments.district_code") }} as district_name,
    payments.street_code,
    {{ known_name("street.street_name", "payments.street_code") }} as street_name,
    street.functional_zone_code,
    payments.insurer,
    payments.households,
    payments.approved_yuan,
    payments.approved_on,
    coalesce(payments.paid_yuan, 0) as paid_yuan,
    payments.paid_on,
    coalesce(payments.paid_on <= {{ as_of() }}, false) as is_paid,
    {{ days_between("payments.event_on", "payments.paid_on") }} as days_to_pay,
    {{ as_of() }} as as_of
from payments
left join {{ ref("dim_district") }} as district on district.area_code = payments.district_code
left join {{ ref("dim_street") }} as street on street.street_code = payments.street_code
