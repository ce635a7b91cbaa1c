-- Every enterprise whose days in scope are not the days covered and the days of gaps, each once, since the earliest
-- policy that the pool has sent; and every one that the monthly figure and the periods judge otherwise on the data's
-- date.
with
    known as (select min(start_on) as known_from from {{ ref("fct_policy") }}),

    in_scope as (
        select
            scope.entity_id,
            sum(
                greatest(
                    {{
                        days_between(
                            "greatest(scope.in_scope_from, known.known_from)",
                            "least(coalesce(scope.in_scope_until, scope.as_of), scope.as_of)",
                        )
                    }},
                    0
                )
            ) as days
        from {{ ref("fct_scope_period") }} as scope
        cross join known
        group by scope.entity_id
    ),

    told as (
        select
            entity_id,
            sum(scope_days) as days,
            max(case when period_kind = 'covered' and is_current then 1 else 0 end) = 1 as is_insured
        from {{ ref("fct_coverage_period") }}
        group by entity_id
    )

select in_scope.entity_id, 'days' as difference
from in_scope
left join told on told.entity_id = in_scope.entity_id
where in_scope.days > 0 and in_scope.days is distinct from told.days
union all
select months.entity_id, 'insured'
from {{ ref("int_insurance__entity_month") }} as months
left join told on told.entity_id = months.entity_id
where months.measured_on = {{ as_of() }} and months.is_insured <> coalesce(told.is_insured, false)
