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
    policy.policy_no,
    policy.uscc,
    policy.entity_id,
    policy.enterprise_name,
    policy.district_code,
    policy.district_name,
    policy.functional_zone_code,
    policy.insurer,
    policy.signed_on,
    {{ month_start("policy.signed_on") }} as signed_month,
    policy.start_on,
    policy.end_on,
    policy.cancelled_on,
    policy.effective_end_on,
    policy.premium_signed_yuan,
    policy.premium_received_yuan,
    policy.premium_refunded_yuan,
    policy.sum_insured_yuan,
    policy.insured_persons,
    policy.death_limit_yuan,
    policy.death_limit_yuan
    < {{ insurance_parameter("death_limit_floor_yuan", "policy.start_on") }} as is_below_death_floor,
    policy.premium_factor,
    {{ days_between("policy.start_on", "policy.end_on") }} as term_days,
    {{ premium_earned_before("policy", add_days(as_of(), 1)) }} as earned_premium_yuan,
    cast(coalesce(losses.claims, 0) as bigint) as claims,
    cast(coalesce(losses.paid_yuan, 0) as decimal(18, 2)) as paid_yuan,
    cast(coalesce(losses.reserve_yuan, 0) as decimal(18, 2)) as reserve_yuan,
    {{ in_force_on("policy", as_of()) }} as is_in_force,
    coalesce(scope.is_compulsory, false) as is_in_scope,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__policy") }} as policy
left join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = policy.entity_id
left join losses on losses.policy_no = policy.policy_no
