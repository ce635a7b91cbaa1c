-- One row per thing that a department reported about a uscc and that credit looks at, before any points.
-- `category` and `magnitude` are what the point rules compare: the kind of penalty and its fine in yuan, or whether an
-- accident was 较大 or above and its deaths. `ended_on` is the first day on which the fact no longer counts.
with
    penalty_repair as (
        -- of several granted applications for one case the first one ends the deduction
        select case_no, min(decided_on) as repaired_on
        from ({{ latest_version(ref("stg_fgw__credit_repair"), ["repair_id"]) }}) as repairs
        where decision = 'granted' and case_no is not null and decided_on <= {{ as_of() }}
        group by case_no
    ),

    facts as (
        select
            'penalty' as event_kind,
            penalties.case_no as source_key,
            penalties.uscc,
            penalties.decided_on as event_on,
            penalties.penalty_kind as category,
            cast(coalesce(penalties.fine_yuan, 0) as decimal(18, 2)) as magnitude,
            penalty_repair.repaired_on as ended_on
        from {{ ref("int_penalty__latest") }} as penalties
        left join penalty_repair on penalty_repair.case_no = penalties.case_no
        where penalties.decided_on is not null
        union all
        select 'major_hazard', hazard_id, uscc, found_on, level, cast(1 as decimal(18, 2)), cast(null as date)
        from {{ ref("int_hazard__latest") }}
        where level = 'major'
        union all
        -- overdue from the day after the deadline; a later rectification does not undo it
        select
            'hazard_overdue',
            hazard_id,
            uscc,
            {{ add_days("deadline_on", 1) }},
            level,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from {{ ref("int_hazard__latest") }}
        where rectified_on is null or rectified_on > deadline_on
        union all
        select
            'accident',
            accident_id,
            uscc,
            occurred_on,
            case when is_relatively_serious_or_above then 'relatively_serious_or_above' else 'ordinary' end,
            cast(coalesce(deaths, 0) as decimal(18, 2)),
            cast(null as date)
        from {{ ref("fct_accident") }}
        where is_statistical
        union all
        -- 有效期至 is the last day of a listing; a removal takes effect on its day
        select
            case list_kind when 'black' then 'blacklist' else 'redlist' end,
            entry_id,
            uscc,
            listed_on,
            list_kind,
            cast(1 as decimal(18, 2)),
            cast(
                least(
                    coalesce(removed_on, {{ add_days("valid_until", 1) }}),
                    coalesce({{ add_days("valid_until", 1) }}, removed_on)
                ) as date
            )
        from ({{ latest_standing(ref("stg_credit_listing"), ["department_code", "entry_id"]) }}) as listings
        union all
        select
            'repair',
            repair_id,
            uscc,
            decided_on,
            coalesce(case_no, entry_id),
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from ({{ latest_version(ref("stg_fgw__credit_repair"), ["repair_id"]) }}) as repairs
        where decision = 'granted' and decided_on is not null
    )

select facts.*, enterprises.entity_id
from facts
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = facts.uscc
where facts.event_on <= {{ as_of() }}
