-- One row per lead (线索): an injury at work or a fire that ought to have been reported as an accident, as its department
-- last knew it. Nobody's person is in it: unit, day, kind, outcome. What law keeps out is in seed
-- accident_suspicion_exclusion; whether a slight injury is one is the rule of what counts (accident_statistics_rule).
-- A code that is on no list keeps nothing out.
with
    rule as (
        select *
        from {{ ref("accident_suspicion_rule") }}
        where rule_version = '{{ var("accident_suspicion_version") }}'
    ),

    excluded as (
        select feed, column_name, code
        from {{ ref("accident_suspicion_exclusion") }}
        where rule_version = '{{ var("accident_suspicion_version") }}'
    ),

    injury as ({{ latest_standing(ref("stg_rsj__work_injury"), ["injury_case_no"]) }}),

    fire as ({{ latest_standing(ref("stg_xfjy__fire_incident"), ["incident_no"]) }}),

    lead_record as (
        select
            injury.department_code,
            injury.injury_case_no as record_id,
            'injury' as lead_kind,
            injury.injured_on as event_on,
            injury.district_code,
            injury.enterprise_name,
            injury._mention_key,
            case when injury.outcome = 'death' then 1 else 0 end as deaths,
            case when injury.outcome = 'serious' then 1 else 0 end as serious_injuries,
            1 as injured,
            cast(null as decimal(18, 2)) as direct_loss_yuan,
            injury.injury_cause as circumstance_code,
            case when injury.decision is null then 'pending' else 'granted' end as finding_code
        from injury
        left join excluded as cause on cause.column_name = 'injury_cause' and injury.injury_cause = cause.code
        left join excluded as decision on decision.column_name = 'decision' and injury.decision = decision.code
        left join
            {{ ref("accident_statistics_rule") }} as counting
            on counting.accident_domain = 'work'
            and injury.injured_on >= counting.valid_from
            and injury.injured_on <= counting.valid_to
        where
            cause.code is null
            and decision.code is null
            and (injury.outcome <> 'minor' or coalesce(counting.minor_injury_counts, 1 = 0))
        union all
        select
            fire.department_code,
            fire.incident_no as record_id,
            'fire' as lead_kind,
            cast(fire.alarm_at as date) as event_on,
            fire.district_code,
            fire.enterprise_name,
            fire._mention_key,
            fire.deaths,
            0 as serious_injuries,
            fire.deaths + fire.injuries as injured,
            fire.direct_loss_yuan,
            'fire' as circumstance_code,
            case
                when fire.cause = 'unknown' or {{ is_unknown_code("xfjy.fire_incident", "cause", "fire.cause") }}
                then 'cause_unknown'
                else 'cause_known'
            end as finding_code
        from fire
        cross join rule
        left join excluded as cause on cause.column_name = 'cause' and fire.cause = cause.code
        left join excluded as place on place.column_name = 'place_kind' and fire.place_kind = place.code
        where
            cause.code is null
            and place.code is null
            and fire.is_production_related
            and (fire.deaths + fire.injuries > 0 or fire.direct_loss_yuan >= rule.fire_loss_from_yuan)
    )

select
    lead_record.department_code,
    lead_record.record_id,
    lead_record.lead_kind,
    lead_record.event_on,
    lead_record.district_code,
    enterprise.entity_id,
    coalesce(
        enterprise.entity_id,
        case when lead_record._mention_key is not null then concat('提法:', lead_record._mention_key) end,
        concat('记录:', lead_record.department_code, ':', lead_record.record_id)
    ) as party_key,
    coalesce(enterprise.enterprise_name, lead_record.enterprise_name) as enterprise_name,
    case
        when enterprise.entity_id is null
        then 'unknown'
        when enterprise.method in ('name', 'place')
        then 'name'
        else 'uscc'
    end as identity_code,
    cast(lead_record.deaths as bigint) as deaths,
    cast(lead_record.serious_injuries as bigint) as serious_injuries,
    cast(lead_record.injured as bigint) as injured,
    lead_record.direct_loss_yuan,
    lead_record.circumstance_code,
    lead_record.finding_code
from lead_record
left join {{ ref("int_core__mention_entity") }} as enterprise on lead_record._mention_key = enterprise.mention_key
where lead_record.event_on <= {{ as_of() }}
