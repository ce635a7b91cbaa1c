-- One row per policy × month of int_core__measuring_month in which it protects on at least one day: the premium
-- earned in it (已赚保费) and whether it was in force on the measuring day.
select
    policy.policy_no,
    months.month_start,
    months.measured_on,
    policy.district_code,
    policy.functional_zone_code,
    policy.insurer,
    policy.sum_insured_yuan,
    policy.start_on,
    {{ in_force_on("policy", "months.measured_on") }} as is_in_force,
    cast(
        {{ premium_earned_before("policy", add_days("months.measured_on", 1)) }}
        - {{ premium_earned_before("policy", "months.month_start") }} as decimal(18, 2)
    ) as earned_yuan
from {{ ref("int_core__measuring_month") }} as months
join
    {{ ref("int_insurance__policy") }} as policy
    on policy.start_on <= months.measured_on
    and policy.effective_end_on > months.month_start
    and policy.effective_end_on > policy.start_on
