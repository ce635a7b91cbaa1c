-- One row per policy that has protected somebody: what became of it when it ended (续保), judged on as_of. The
-- successor is the same enterprise's next policy that ends later; a cover that other policies carry on needs none.
with
    protecting as (
        select policy.*
        from {{ ref("int_insurance__policy") }} as policy
        where
            policy.entity_id is not null
            and policy.effective_end_on > policy.start_on
            and policy.start_on <= {{ as_of() }}
    ),

    begun as (
        -- a successor may lie ahead: it is already signed
        select entity_id, policy_no, insurer, start_on, effective_end_on
        from {{ ref("int_insurance__policy") }}
        where entity_id is not null and effective_end_on > start_on
    ),

    earlier as (
        select
            policy_no,
            max(effective_end_on) over (
                partition by entity_id
                order by start_on asc nulls last, policy_no asc nulls last
                rows between unbounded preceding and 1 preceding
            ) as other_end_on
        from begun
    ),

    -- the next one that reaches further: a policy that ends with this one or before it renews nothing
    successors as (
        select
            policy.policy_no,
            later.policy_no as next_policy_no,
            later.insurer as next_insurer,
            later.start_on as next_start_on,
            row_number() over (
                partition by policy.policy_no order by later.start_on asc nulls last, later.policy_no asc nulls last
            ) as successor_rank
        from protecting as policy
        join
            begun as later
            on later.entity_id = policy.entity_id
            and later.start_on >= policy.start_on
            and later.effective_end_on > policy.effective_end_on
    ),

    chained as (
        select
            earlier.policy_no,
            earlier.other_end_on,
            successors.next_policy_no,
            successors.next_insurer,
            successors.next_start_on
        from earlier
        left join successors on successors.policy_no = earlier.policy_no and successors.successor_rank = 1
    ),

    judged as (
        select
            protecting.*,
            chained.next_policy_no,
            chained.next_insurer,
            chained.next_start_on,
            case
                when
                    chained.next_start_on <= protecting.effective_end_on
                    or chained.other_end_on > protecting.effective_end_on
                then 'on_time'
                when chained.next_start_on is not null
                then 'late'
                when protecting.effective_end_on <= {{ as_of() }}
                then 'not_renewed'
                else 'pending'
            end as renewal_status,
            coalesce(scope.is_compulsory, false) as is_in_scope
        from protecting
        join chained on chained.policy_no = protecting.policy_no
        left join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = protecting.entity_id
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
    effective_end_on,
    {{ month_start("effective_end_on") }} as month_start,
    cancelled_on < end_on as is_cancelled,
    renewal_status,
    case
        renewal_status
        when 'on_time'
        then '按期续保'
        when 'late'
        then '逾期续保'
        when 'not_renewed'
        then '到期未续'
        when 'pending'
        then '待续保'
    end as renewal_status_name,
    next_policy_no,
    next_start_on,
    next_insurer,
    next_insurer <> insurer as is_insurer_changed,
    case
        when renewal_status = 'late'
        then {{ days_between("effective_end_on", "next_start_on") }}
        when renewal_status = 'not_renewed'
        then {{ days_between("effective_end_on", as_of()) }}
        when renewal_status = 'on_time'
        then cast(0 as bigint)
    end as gap_days,
    effective_end_on <= {{ as_of() }} as is_ended,
    coalesce(
        renewal_status = 'pending'
        and {{ days_between(as_of(), "effective_end_on") }} <= {{ insurance_parameter("renewal_watch_days") }},
        false
    ) as is_due_soon,
    is_in_scope,
    {{ as_of() }} as as_of
from judged
