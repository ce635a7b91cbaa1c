-- One row per policy in force on as_of that is past the time for its first service and has had none, or whose services
-- cost less than the standard share of its premium: what insurers still owe (AQ 9010).
with
    given as (
        select
            policy_no,
            count(*) as services,
            max(served_on) as last_served_on,
            sum(coalesce(cost_yuan, 0)) as service_cost_yuan,
            sum(coalesce(hazards_found, 0)) as hazards_found,
            sum(coalesce(hazards_rectified, 0)) as hazards_rectified
        from {{ ref("fct_service") }}
        where is_within_cover and served_on <= {{ as_of() }}
        group by policy_no
    ),

    measured as (
        select
            policy.policy_no,
            policy.uscc,
            policy.entity_id,
            policy.enterprise_name,
            policy.district_code,
            policy.district_name,
            policy.functional_zone_code,
            policy.insurer,
            policy.start_on,
            policy.effective_end_on,
            policy.premium_received_yuan,
            {{ days_between("policy.start_on", as_of()) }} as days_in_force,
            cast(coalesce(given.services, 0) as bigint) as services,
            given.last_served_on,
            cast(coalesce(given.service_cost_yuan, 0) as decimal(18, 2)) as service_cost_yuan,
            -- what is due by now: the standard share of the premium, by the part of the term that has passed
            {{
                half_up(
                    "policy.premium_received_yuan * "
                    ~ insurance_parameter("service_cost_share")
                    ~ " * cast("
                    ~ days_between("policy.start_on", as_of())
                    ~ " as double) / "
                    ~ days_between("policy.start_on", "policy.end_on")
                )
            }} as expected_cost_yuan,
            cast(coalesce(given.hazards_found - given.hazards_rectified, 0) as bigint) as hazards_open,
            {{ insurance_parameter("service_due_days") }} as service_due_days
        from {{ ref("int_insurance__policy") }} as policy
        left join given on given.policy_no = policy.policy_no
        where {{ in_force_on("policy", as_of()) }}
    )

select
    policy_no,
    uscc,
    entity_id,
    enterprise_name,
    district_code,
    district_name,
    functional_zone_code,
    insurer,
    start_on,
    effective_end_on,
    days_in_force,
    services,
    last_served_on,
    cast({{ add_days("start_on", "service_due_days") }} as date) as due_on,
    service_cost_yuan,
    expected_cost_yuan,
    hazards_open,
    case when services = 0 then 'no_service' else 'low_cost' end as gap_code,
    case when services = 0 then '超过首次服务时限仍未服务' else '服务费用低于标准' end as gap_name,
    case when services = 0 then '请承保公司安排事故预防服务并报送记录' else '请承保公司补足服务或说明原因' end as what_to_do,
    {{ as_of() }} as as_of
from measured
where days_in_force > service_due_days and (services = 0 or service_cost_yuan < expected_cost_yuan)
