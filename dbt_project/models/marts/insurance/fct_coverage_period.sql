-- One row per enterprise × unbroken time under policies (在保), or without any while it must be insured (脱保, 未参保).
-- Half-open: on D it holds when started_on ≤ D and (ended_on is null or D < ended_on). Within the scope the three kinds
-- leave no day out and none twice (tested).
with
    covered as (
        select
            covered.entity_id,
            covered.period_no,
            covered.covered_from,
            covered.covered_until,
            covered.policies,
            covered.first_policy_no,
            covered.last_policy_no,
            covered.insurers,
            sum(
                greatest(
                    {{
                        days_between(
                            "greatest(covered.covered_from, scope.in_scope_from)",
                            "least(covered.covered_until, coalesce(scope.in_scope_until, "
                            ~ as_of()
                            ~ "), "
                            ~ as_of()
                            ~ ")",
                        )
                    }},
                    0
                )
            ) as scope_days
        from {{ ref("int_insurance__covered_period") }} as covered
        left join {{ ref("int_insurance__scope_period") }} as scope on scope.entity_id = covered.entity_id
        group by
            covered.entity_id,
            covered.period_no,
            covered.covered_from,
            covered.covered_until,
            covered.policies,
            covered.first_policy_no,
            covered.last_policy_no,
            covered.insurers
    ),

    united as (
        select
            entity_id,
            'covered' as period_kind,
            covered_from as started_on,
            covered_until as ended_on,
            policies,
            first_policy_no,
            last_policy_no,
            insurers,
            coalesce(scope_days, 0) as scope_days
        from covered
        union all
        select
            entity_id,
            case when is_lapse then 'lapsed' else 'never' end,
            gap_from,
            gap_until,
            cast(0 as bigint),
            cast(null as varchar),
            last_policy_no,
            cast(null as varchar),
            {{ days_between("gap_from", "coalesce(gap_until, " ~ as_of() ~ ")") }}
        from {{ ref("int_insurance__gap_period") }}
    )

select
    united.entity_id,
    united.period_kind,
    case united.period_kind when 'covered' then '在保' when 'lapsed' then '脱保' else '未参保' end as period_kind_name,
    united.started_on,
    united.ended_on,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    united.started_on <= {{ as_of() }} and (united.ended_on is null or united.ended_on > {{ as_of() }}) as is_current,
    greatest(
        {{ days_between("united.started_on", "least(coalesce(united.ended_on, " ~ as_of() ~ "), " ~ as_of() ~ ")") }}, 0
    ) as days,
    cast(united.scope_days as bigint) as scope_days,
    united.policies,
    united.first_policy_no,
    united.last_policy_no,
    united.insurers,
    {{ as_of() }} as as_of
from united
join {{ ref("int_core__enterprise") }} as enterprise on enterprise.entity_id = united.entity_id
