-- One row per claim (赔案), latest version; its place is its policy's enterprise's.
with claims as ({{ latest_standing(ref("stg_claim"), ["claim_no"]) }})

select
    claims.claim_no,
    claims.policy_no,
    policy.uscc,
    policy.entity_id,
    policy.insurer,
    claims.occurred_on,
    {{ month_start("claims.occurred_on") }} as occurred_month,
    claims.reported_on,
    {{ month_start("claims.reported_on") }} as reported_month,
    claims.settled_on,
    {{ month_start("claims.settled_on") }} as settled_month,
    claims.claim_status,
    {{ code_label("claim", "claim_status", "claims.claim_status") }} as claim_status_name,
    claims.paid_yuan,
    claims.reserve_yuan,
    policy.district_code,
    policy.district_name,
    policy.functional_zone_code,
    case
        when claims.claim_status = 'settled' then {{ days_between("claims.reported_on", "claims.settled_on") }}
    end as days_to_settle,
    case
        when claims.claim_status = 'settled'
        then
            {{ days_between("claims.reported_on", "claims.settled_on") }}
            <= {{ insurance_parameter("settle_days", "claims.reported_on") }}
    end as is_settled_in_time,
    case when claims.claim_status = 'open' then {{ days_between("claims.reported_on", as_of()) }} end as days_open,
    {{ as_of() }} as as_of
from claims
left join {{ ref("int_insurance__policy") }} as policy on policy.policy_no = claims.policy_no
