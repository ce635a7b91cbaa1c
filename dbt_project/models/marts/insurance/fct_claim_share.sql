-- One row per claim × company that carries its policy: its part of what was paid and is reserved; the parts add up.
select
    claim.claim_no,
    share.insurer,
    claim.policy_no,
    share.share_percent,
    share.is_lead,
    claim.occurred_month,
    claim.reported_month,
    claim.settled_month,
    claim.claim_status,
    claim.claim_status_name,
    {{ part_of("claim.paid_yuan", "share") }} as paid_yuan,
    {{ part_of("claim.reserve_yuan", "share") }} as reserve_yuan,
    claim.district_code,
    claim.district_name,
    claim.functional_zone_code
from {{ ref("fct_claim") }} as claim
join {{ ref("int_insurance__policy_share") }} as share on share.policy_no = claim.policy_no
