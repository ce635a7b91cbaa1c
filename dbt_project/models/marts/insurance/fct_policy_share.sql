-- One row per policy × company that carries it (共保份额): its part of premium and sum insured. The parts of a policy add
-- up to the policy, to the cent (tested), whatever the shares.
select
    share.policy_no,
    share.insurer,
    share.share_percent,
    share.is_lead,
    share.share_basis,
    case share.share_basis when 'agreed' then '按共保份额' else '按主承保' end as share_basis_name,
    policy.uscc,
    policy.entity_id,
    policy.district_code,
    policy.district_name,
    policy.functional_zone_code,
    {{ month_start("policy.signed_on") }} as signed_month,
    {{ month_start("policy.cancelled_on") }} as cancelled_month,
    {{ part_of("policy.premium_signed_yuan", "share") }} as premium_signed_yuan,
    {{ part_of("policy.premium_received_yuan", "share") }} as premium_received_yuan,
    {{ part_of("policy.premium_refunded_yuan", "share") }} as premium_refunded_yuan,
    {{ part_of("policy.sum_insured_yuan", "share") }} as sum_insured_yuan,
    {{ in_force_on("policy", as_of()) }} as is_in_force,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__policy_share") }} as share
join {{ ref("int_insurance__policy") }} as policy on policy.policy_no = share.policy_no
