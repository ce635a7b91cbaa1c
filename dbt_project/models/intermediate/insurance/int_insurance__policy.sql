-- One row per policy, latest version, with its enterprise. In force on D: start_on ≤ D < effective_end_on.
with policies as ({{ latest_standing(ref("stg_policy"), ["policy_no"]) }})

select
    policies.policy_no,
    policies.uscc,
    enterprise.entity_id,
    policies.enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    policies.insurer,
    policies.signed_on,
    policies.start_on,
    policies.end_on,
    policies.cancelled_on,
    cast(least(policies.end_on, coalesce(policies.cancelled_on, policies.end_on)) as date) as effective_end_on,
    policies.premium_signed_yuan,
    policies.premium_received_yuan,
    policies.premium_refunded_yuan,
    policies.sum_insured_yuan,
    policies.death_limit_yuan,
    policies.premium_factor,
    policies.insured_persons
from policies
left join {{ ref("int_core__uscc_entity") }} as enterprise on enterprise.uscc = policies.uscc
