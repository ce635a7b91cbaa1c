-- One row per enterprise that must be insured × month: whether a policy was in force on the measuring day.
with
    in_scope as (
        select distinct months.month_start, months.measured_on, scope.entity_id
        from {{ ref("int_core__measuring_month") }} as months
        join
            {{ ref("int_insurance__scope_interval") }} as scope
            on scope.in_scope_from <= months.measured_on
            and (scope.in_scope_until is null or scope.in_scope_until > months.measured_on)
    ),

    insured as (
        select distinct months.month_start, policies.entity_id
        from {{ ref("int_core__measuring_month") }} as months
        join
            {{ ref("int_insurance__policy") }} as policies
            on policies.start_on <= months.measured_on
            and policies.effective_end_on > months.measured_on
        where policies.entity_id is not null
    ),

    first_policy as (
        -- a policy that was cancelled before it began never protected anybody
        select entity_id, min(start_on) as first_start_on
        from {{ ref("int_insurance__policy") }}
        where entity_id is not null and effective_end_on > start_on
        group by entity_id
    )

select
    in_scope.month_start,
    in_scope.measured_on,
    in_scope.entity_id,
    enterprises.district_code,
    enterprises.functional_zone_code,
    insured.entity_id is not null as is_insured,
    insured.entity_id is null and coalesce(first_policy.first_start_on <= in_scope.measured_on, false) as is_lapsed
from in_scope
join {{ ref("int_core__enterprise") }} as enterprises on enterprises.entity_id = in_scope.entity_id
left join insured on insured.month_start = in_scope.month_start and insured.entity_id = in_scope.entity_id
left join first_policy on first_policy.entity_id = in_scope.entity_id
