-- One row per claim × company that carries its policy: its part of what was paid and is reserved; the parts add up.
select
    claims.claim_no,
    shares.insurer,
    claims.policy_no,
    shares.share_percent,
    shares.is_lead,
    claims.occurred_month,
    claims.reported_month,
    claims.settled_month,
    claims.claim_status,
    claims.claim_status_name,
    {{ part_of("claims.paid_yuan", "shares") }} as paid_yuan,
    {{ part_of("claims.reserve_yuan", "shares") }} as reserve_yuan,
    claims.district_code,
    claims.district_name,
    claims.functional_zone_code
from {{ ref("fct_claim") }} as claims
join {{ ref("int_insurance__policy_share") }} as shares on shares.policy_no = claims.policy_no
