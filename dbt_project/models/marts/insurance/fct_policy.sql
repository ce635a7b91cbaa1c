-- One row per policy, latest version.
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
    policies.sum_insured_yuan,
    policies.insured_persons,
    policies.start_on <= {{ as_of() }} and policies.effective_end_on > {{ as_of() }} as is_in_force,
    coalesce(scope.is_compulsory, false) as is_in_scope,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__policy") }} as policies
left join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = policies.entity_id
