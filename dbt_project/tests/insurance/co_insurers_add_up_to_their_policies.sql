-- Every policy and every claim whose parts by company do not come to the whole, to the cent.
with
    policy_parts as (
        select
            policy_no,
            sum(premium_signed_yuan) as premium_signed_yuan,
            sum(premium_received_yuan) as premium_received_yuan,
            sum(premium_refunded_yuan) as premium_refunded_yuan,
            sum(sum_insured_yuan) as sum_insured_yuan,
            sum(share_percent) as share_percent
        from {{ ref("fct_policy_share") }}
        group by policy_no
    ),

    claim_parts as (
        select claim_no, sum(paid_yuan) as paid_yuan, sum(reserve_yuan) as reserve_yuan
        from {{ ref("fct_claim_share") }}
        group by claim_no
    )

select policies.policy_no as record_no
from {{ ref("fct_policy") }} as policies
left join policy_parts on policy_parts.policy_no = policies.policy_no
where
    policy_parts.share_percent is distinct from 100
    or policy_parts.premium_signed_yuan is distinct from policies.premium_signed_yuan
    or policy_parts.premium_received_yuan is distinct from policies.premium_received_yuan
    or policy_parts.premium_refunded_yuan is distinct from policies.premium_refunded_yuan
    or policy_parts.sum_insured_yuan is distinct from policies.sum_insured_yuan
union all
select claims.claim_no
from {{ ref("fct_claim") }} as claims
join {{ ref("fct_policy") }} as policies on policies.policy_no = claims.policy_no
left join claim_parts on claim_parts.claim_no = claims.claim_no
where
    claim_parts.paid_yuan is distinct from claims.paid_yuan
    or claim_parts.reserve_yuan is distinct from claims.reserve_yuan
