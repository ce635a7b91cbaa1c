-- One row per thing that a department reported about a uscc and that credit looks at, before any points.
-- `category` and `magnitude` are what the point rules compare. `ended_on` is the first day on which the fact no longer
-- counts; `is_state` tells a state that lasts until it ends (listing, certificate) from a happening, whose points last
-- for the period of the rule set.
with
    penalty_repair as (
        -- of several granted applications for one case the first one ends the deduction
        select case_no, min(decided_on) as repaired_on
        from {{ ref("int_credit__repair_latest") }}
        where decision = 'granted' and case_no is not null and decided_on <= {{ as_of() }}
        group by case_no
    ),

    certificate as ({{ latest_version(ref("stg_yjgl__standardization"), ["certificate_no"]) }}),

    happenings as (
        select
            'penalty' as event_kind,
            penalties.department_code,
            penalties.case_no as source_key,
            penalties.uscc,
            penalties.decided_on as event_on,
            penalties.penalty_kind as category,
            cast(coalesce(penalties.fine_yuan, 0) as decimal(18, 2)) as magnitude,
            penalty_repair.repaired_on as ended_on
        from {{ ref("int_inspection__penalty_latest") }} as penalties
        left join penalty_repair on penalty_repair.case_no = penalties.case_no
        where penalties.decided_on is not null
        union all
        select
            'major_hazard',
            department_code,
            hazard_id,
            uscc,
            found_on,
            level,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from {{ ref("int_inspection__hazard_latest") }}
        where level = 'major'
        union all
        -- overdue from the day after the deadline; a later rectification does not undo it
        select
            'hazard_overdue',
            hazard.department_code,
            hazard.hazard_id,
            hazard.uscc,
            {{ add_days("hazard.deadline_on", 1) }},
            hazard.level,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from {{ ref("int_inspection__hazard_latest") }} as hazard
        where coalesce({{ standing_rectification("hazard") }} > hazard.deadline_on, 1 = 1)
        union all
        select
            'accident',
            sender.department_code,
            accident.accident_id,
            accident.uscc,
            accident.occurred_on,
            case when accident.is_relatively_serious_or_above then 'relatively_serious_or_above' else 'ordinary' end,
            cast(coalesce(accident.deaths, 0) as decimal(18, 2)),
            cast(null as date)
        from {{ ref("fct_accident") }} as accident
        left join
            {{ ref("int_accident__latest") }} as sender
            on sender.accident_id = accident.accident_id
            and sender.accident_domain = accident.accident_domain
        where accident.is_statistical
        union all
        select
            'accident_concealed',
            sender.department_code,
            accident.accident_id,
            accident.uscc,
            accident.occurred_on,
            'concealed',
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from {{ ref("fct_accident") }} as accident
        left join
            {{ ref("int_accident__latest") }} as sender
            on sender.accident_id = accident.accident_id
            and sender.accident_domain = accident.accident_domain
        where accident.is_statistical and accident.is_concealed
        union all
        select
            'repair',
            department_code,
            repair_id,
            uscc,
            decided_on,
            coalesce(case_no, entry_id),
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from {{ ref("int_credit__repair_latest") }}
        where decision = 'granted' and decided_on is not null and not coalesce(is_of_person, 1 = 0)
        union all
        -- a commitment says something of its giver once it has been verified
        select
            'commitment',
            department_code,
            commitment_id,
            uscc,
            coalesce(verified_on, cast(_version_at as date)),
            fulfilment,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from ({{ latest_standing(ref("stg_fgw__credit_commitment"), ["commitment_id"]) }}) as commitments
        where fulfilment in ('fulfilled', 'broken')
        union all
        select
            'self_check',
            '{{ feed_columns()["yjgl.self_check"].department }}',
            concat(uscc, '@', cast(quarter_start as varchar)),
            uscc,
            judged_on,
            category,
            magnitude,
            cast(null as date)
        from {{ ref("int_credit__self_check_quarter") }}
        union all
        select
            'risk_report',
            department_code,
            report_id,
            uscc,
            case when review_status = 'returned' then coalesce(reviewed_on, submitted_on) else submitted_on end,
            case
                when review_status = 'returned' then 'returned' when submitted_on > due_on then 'late' else 'on_time'
            end,
            cast(greatest(coalesce({{ days_between("due_on", "submitted_on") }}, 0), 0) as decimal(18, 2)),
            cast(null as date)
        from ({{ latest_standing(ref("stg_yjgl__risk_report"), ["report_id"]) }}) as reports
        union all
        select
            'standardisation_revoked',
            department_code,
            certificate_no,
            uscc,
            revoked_on,
            level,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from certificate
        where revoked_on is not null
        union all
        -- a caller names whom he means; only a code or a steward's decision makes that an enterprise's event
        select
            'tip',
            tips.department_code,
            tips.tip_id,
            meant.uscc,
            coalesce(tips.closed_on, cast(tips.received_at as date)),
            tips.category,
            cast(1 as decimal(18, 2)),
            cast(null as date)
        from ({{ standing(ref("int_inspection__tip_last_sent")) }}) as tips
        join
            {{ ref("int_core__mention_entity") }} as meant
            on meant.mention_key = tips._mention_key
            and (meant.method = 'uscc' or meant.decided_by <> 'rules')
        where tips.is_verified and meant.uscc is not null
    ),

    states as (
        -- a listing ends when it is removed or had to be (its period over, its repair granted), whichever comes first;
        -- 有效期至 is the last day of a certificate
        select
            case
                list_kind when 'black' then 'blacklist' when 'red' then 'redlist' else 'list_unknown'
            end as event_kind,
            department_code,
            entry_id as source_key,
            uscc,
            listed_on as event_on,
            list_kind as category,
            cast(1 as decimal(18, 2)) as magnitude,
            cast(least(coalesce(removed_on, removal_due_on), coalesce(removal_due_on, removed_on)) as date) as ended_on
        from {{ ref("fct_credit_list") }}
        -- a listed person is not his employer
        where coalesce(subject_kind, 'enterprise') <> 'person'
        union all
        select
            'standardisation',
            department_code,
            certificate_no,
            uscc,
            granted_on,
            level,
            cast(1 as decimal(18, 2)),
            cast(
                least(coalesce(revoked_on, {{ add_days("valid_until", 1) }}), {{ add_days("valid_until", 1) }}) as date
            )
        from certificate
    ),

    facts as (
        select *, 1 = 0 as is_state
        from happenings
        union all
        select *, 1 = 1 as is_state
        from states
    )

select
    concat(facts.event_kind, ':', coalesce(facts.department_code, '-'), ':', facts.source_key) as event_id,
    facts.*,
    enterprises.entity_id
from facts
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = facts.uscc
where facts.event_on <= {{ as_of() }}
