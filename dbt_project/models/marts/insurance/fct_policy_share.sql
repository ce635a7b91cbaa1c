-- One row per policy × company that carries it (共保份额): its part of premium and sum insured. The parts of a policy add
-- up to the policy, to the cent (tested), whatever the shares.
select
    shares.policy_no,
    shares.insurer,
    shares.share_percent,
    shares.is_lead,
    shares.share_basis,
    case shares.share_basis when 'agreed' then '按共保份额' else '按主承保' end as share_basis_name,
    policies.uscc,
    policies.entity_id,
    policies.district_code,
    policies.district_name,
    policies.functional_zone_code,
    {{ month_start("policies.signed_on") }} as signed_month,
    {{ month_start("policies.cancelled_on") }} as cancelled_month,
    {{ part_of("policies.premium_signed_yuan", "shares") }} as premium_signed_yuan,
    {{ part_of("policies.premium_received_yuan", "shares") }} as premium_received_yuan,
    {{ part_of("policies.premium_refunded_yuan", "shares") }} as premium_refunded_yuan,
    {{ part_of("policies.sum_insured_yuan", "shares") }} as sum_insured_yuan,
    {{ in_force_on("policies", as_of()) }} as is_in_force,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__policy_share") }} as shares
join {{ ref("int_insurance__policy") }} as policies on policies.policy_no = shares.policy_no
