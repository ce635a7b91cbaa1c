-- One row per policy × month of int_core__measuring_month in which it protects on at least one day: the premium
-- earned in it (已赚保费) and whether it was in force on the measuring day.
select
    policies.policy_no,
    months.month_start,
    months.measured_on,
    policies.district_code,
    policies.functional_zone_code,
    policies.insurer,
    policies.sum_insured_yuan,
    policies.start_on,
    {{ in_force_on("policies", "months.measured_on") }} as is_in_force,
    cast(
        {{ premium_earned_before("policies", add_days("months.measured_on", 1)) }}
        - {{ premium_earned_before("policies", "months.month_start") }} as decimal(18, 2)
    ) as earned_yuan
from {{ ref("int_core__measuring_month") }} as months
join
    {{ ref("int_insurance__policy") }} as policies
    on policies.start_on <= months.measured_on
    and policies.effective_end_on > months.month_start
    and policies.effective_end_on > policies.start_on
