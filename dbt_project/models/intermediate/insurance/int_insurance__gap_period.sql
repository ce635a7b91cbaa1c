-- One row per enterprise × gap: unbroken days in which it must be insured and no policy protects it, up to the data's
-- date. The gap before the first policy (or without any) is 未参保, every later one 脱保. There is no row for days before
-- the earliest policy that the pool has sent: who was insured then is not known.
with
    known as (select min(start_on) as known_from from {{ ref("int_insurance__policy") }}),

    scope as (
        select
            periods.entity_id,
            periods.period_no,
            cast(
                greatest(periods.in_scope_from, coalesce(known.known_from, periods.in_scope_from)) as date
            ) as in_scope_from,
            coalesce(periods.in_scope_until, cast('9999-12-31' as date)) as in_scope_until
        from {{ ref("int_insurance__scope_period") }} as periods
        cross join known
        where
            periods.in_scope_from <= {{ as_of() }}
            and (
                periods.in_scope_until is null or known.known_from is null or periods.in_scope_until > known.known_from
            )
    ),

    covered as (
        select covered.*, min(covered_from) over (partition by entity_id) as first_covered_from
        from {{ ref("int_insurance__covered_period") }} as covered
    ),

    -- what ends before a gap may begin: the day before the scope, and every island of cover inside it
    edges as (
        select
            entity_id,
            period_no,
            in_scope_until,
            cast('0001-01-01' as date) as edge_from,
            in_scope_from as edge_until,
            cast(null as varchar) as last_policy_no
        from scope
        union all
        select
            scope.entity_id,
            scope.period_no,
            scope.in_scope_until,
            covered.covered_from,
            cast(greatest(covered.covered_until, scope.in_scope_from) as date),
            covered.last_policy_no
        from scope
        join
            covered
            on covered.entity_id = scope.entity_id
            and covered.covered_from < scope.in_scope_until
            and covered.covered_until > scope.in_scope_from
    ),

    followed as (
        select
            edges.*,
            coalesce(
                lead(edge_from) over (partition by entity_id, period_no order by edge_from asc nulls last),
                in_scope_until
            ) as next_from
        from edges
    ),

    first_cover as (select entity_id, min(first_covered_from) as first_covered_from from covered group by entity_id)

select
    followed.entity_id,
    followed.edge_until as gap_from,
    -- an end that lies ahead (a policy already signed) is not known to come; the gap is open as of the data's date
    case when followed.next_from <= {{ as_of() }} then followed.next_from end as gap_until,
    coalesce(first_cover.first_covered_from < followed.edge_until, false) as is_lapse,
    followed.last_policy_no
from followed
left join first_cover on first_cover.entity_id = followed.entity_id
where followed.next_from > followed.edge_until and followed.edge_until <= {{ as_of() }}
