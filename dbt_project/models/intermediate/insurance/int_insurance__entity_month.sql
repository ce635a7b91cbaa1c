-- One row per enterprise that must be insured × month: whether a policy was in force on the measuring day.
with
    in_scope as (
        select months.month_start, months.measured_on, scope.entity_id
        from {{ ref("int_core__measuring_month") }} as months
        join {{ ref("int_insurance__scope_period") }} as scope on {{ in_scope_on("scope", "months.measured_on") }}
    ),

    insured as (
        select distinct months.month_start, policy.entity_id
        from {{ ref("int_core__measuring_month") }} as months
        join {{ ref("int_insurance__policy") }} as policy on {{ in_force_on("policy", "months.measured_on") }}
        where policy.entity_id is not null
    ),

    first_policy as (
        -- a policy that was cancelled before it began never protected anybody
        select entity_id, min(covered_from) as first_start_on
        from {{ ref("int_insurance__covered_period") }}
        group by entity_id
    )

select
    in_scope.month_start,
    in_scope.measured_on,
    in_scope.entity_id,
    enterprise.district_code,
    enterprise.functional_zone_code,
    insured.entity_id is not null as is_insured,
    insured.entity_id is null and coalesce(first_policy.first_start_on <= in_scope.measured_on, false) as is_lapsed
from in_scope
join {{ ref("int_core__enterprise") }} as enterprise on enterprise.entity_id = in_scope.entity_id
left join insured on insured.month_start = in_scope.month_start and insured.entity_id = in_scope.entity_id
left join first_policy on first_policy.entity_id = in_scope.entity_id
