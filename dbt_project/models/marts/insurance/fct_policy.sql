-- One row per policy, latest version, with what it earned and cost up to the data's date.
with
    losses as (
        select
            policy_no,
            count(*) as claims,
            sum(coalesce(paid_yuan, 0)) as paid_yuan,
            sum(coalesce(reserve_yuan, 0)) as reserve_yuan
        from {{ ref("fct_claim") }}
        group by policy_no
    )

select
    policies.policy_no,
    policies.uscc,
    policies.entity_id,
    policies.enterprise_name,
    policies.district_code,
    policies.district_name,
    policies.functional_zone_code,
    policies.insurer,
    policies.signed_on,
    {{ month_start("policies.signed_on") }} as signed_month,
    policies.start_on,
    policies.end_on,
    policies.cancelled_on,
    policies.effective_end_on,
    policies.premium_signed_yuan,
    policies.premium_received_yuan,
    policies.premium_refunded_yuan,
    policies.sum_insured_yuan,
    policies.insured_persons,
    policies.death_limit_yuan,
    policies.death_limit_yuan
    < {{ insurance_parameter("death_limit_floor_yuan", "policies.start_on") }} as is_below_death_floor,
    policies.premium_factor,
    {{ days_between("policies.start_on", "policies.end_on") }} as term_days,
    {{ premium_earned_before("policies", add_days(as_of(), 1)) }} as earned_premium_yuan,
    cast(coalesce(losses.claims, 0) as bigint) as claims,
    cast(coalesce(losses.paid_yuan, 0) as decimal(18, 2)) as paid_yuan,
    cast(coalesce(losses.reserve_yuan, 0) as decimal(18, 2)) as reserve_yuan,
    {{ in_force_on("policies", as_of()) }} as is_in_force,
    coalesce(scope.is_compulsory, false) as is_in_scope,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__policy") }} as policies
left join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = policies.entity_id
left join losses on losses.policy_no = policies.policy_no
