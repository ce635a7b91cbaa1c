-- One row per suspicion (疑似未报告): leads of one unit within merge_days of each other, where no accident of that unit was
-- reported within match_days of any of them. An accident that was reported and written off is a reported one.
with
    rule as (
        select *
        from {{ ref("accident_suspicion_rule") }}
        where rule_version = '{{ var("accident_suspicion_version") }}'
    ),

    reported as (
        select
            fct.accident_id,
            fct.entity_id,
            fct.occurred_on,
            fct.district_code,
            case
                when fct.accident_domain = 'road'
                then 'road'
                when fct.accident_domain = 'fire' or fct.accident_type_code = '08'
                then 'fire'
                else 'other'
            end as kind
        from {{ ref("fct_accident") }} as fct
    ),

    lead_check as ({{ latest_standing(ref("stg_yjgl__accident_lead_check"), ["lead_no"]) }}),

    -- the nearest reported accident of the same unit
    nearest as (
        select department_code, record_id, accident_id as near_accident_id, days_apart
        from
            (
                select
                    lead_record.department_code,
                    lead_record.record_id,
                    reported.accident_id,
                    abs({{ days_between("reported.occurred_on", "lead_record.event_on") }}) as days_apart,
                    row_number() over (
                        partition by lead_record.department_code, lead_record.record_id
                        order by
                            abs({{ days_between("reported.occurred_on", "lead_record.event_on") }}) asc nulls last,
                            reported.accident_id asc nulls last
                    ) as place
                from {{ ref("int_accident__lead") }} as lead_record
                inner join reported on lead_record.entity_id = reported.entity_id
            ) as ranked
        where place = 1
    ),

    -- an accident of the same kind in the same district at that time may be the same event, if nobody knows its unit or
    -- nobody knows that of the lead
    unnamed as (
        select lead_record.department_code, lead_record.record_id, min(reported.accident_id) as unnamed_accident_id
        from {{ ref("int_accident__lead") }} as lead_record
        cross join rule
        inner join
            reported
            on lead_record.district_code = reported.district_code
            and (reported.entity_id is null or lead_record.entity_id is null)
            and abs({{ days_between("reported.occurred_on", "lead_record.event_on") }}) <= rule.merge_days
            and reported.kind = case
                when lead_record.lead_kind = 'fire'
                then 'fire'
                when lead_record.circumstance_code = 'business_trip'
                then 'road'
                else 'other'
            end
        group by lead_record.department_code, lead_record.record_id
    ),

    stepped as (
        select
            lead_record.*,
            nearest.near_accident_id,
            nearest.days_apart,
            unnamed.unnamed_accident_id,
            lead_check.outcome as check_outcome,
            lead_check.checked_on,
            lead_check.checking_unit,
            case
                when
                    {{
                        days_between(
                            "lag(lead_record.event_on) over (partition by lead_record.party_key "
                            ~ "order by lead_record.event_on asc nulls last, lead_record.record_id asc nulls last)",
                            "lead_record.event_on",
                        )
                    }} <= rule.merge_days
                then 0
                else 1
            end as begins
        from {{ ref("int_accident__lead") }} as lead_record
        cross join rule
        left join
            nearest
            on lead_record.department_code = nearest.department_code
            and lead_record.record_id = nearest.record_id
        left join
            unnamed
            on lead_record.department_code = unnamed.department_code
            and lead_record.record_id = unnamed.record_id
        left join lead_check on lead_record.record_id = lead_check.lead_no and lead_check.checked_on <= {{ as_of() }}
    ),

    numbered as (
        select
            *,
            sum(begins) over (
                partition by party_key
                order by event_on asc nulls last, record_id asc nulls last
                rows between unbounded preceding and current row
            ) as event_number
        from stepped
    ),

    -- a department's own count of the hurt first: labour office and fire brigade count the same people
    by_department as (
        select
            party_key,
            event_number,
            department_code,
            sum(deaths) as deaths,
            sum(serious_injuries) as serious_injuries,
            sum(injured) as injured,
            sum(case when lead_kind = 'fire' then injured else 0 end) as hurt_by_fire
        from numbered
        group by party_key, event_number, department_code
    ),

    casualties as (
        select
            party_key,
            event_number,
            count(*) as departments,
            cast(max(deaths) as bigint) as deaths,
            cast(max(serious_injuries) as bigint) as serious_injuries,
            cast(max(injured) as bigint) as injured,
            cast(max(hurt_by_fire) as bigint) as hurt_by_fire
        from by_department
        group by party_key, event_number
    ),

    event as (
        select
            party_key,
            event_number,
            min(event_on) as event_on,
            max(event_on) as last_event_on,
            max(entity_id) as entity_id,
            max(enterprise_name) as enterprise_name,
            min(district_code) as district_code,
            count(*) as records,
            {{ sorted_list("department_code", ",") }} as department_codes,
            {{ sorted_list("record_id") }} as record_ids,
            max(direct_loss_yuan) as direct_loss_yuan,
            min(days_apart) as days_to_nearest_accident,
            min(near_accident_id) as near_accident_id,
            min(unnamed_accident_id) as unnamed_accident_id,
            -- of several leads of one event the gravest finding stands
            case
                when max(case when check_outcome = 'to_be_reported' then 1 end) = 1
                then 'to_be_reported'
                when max(case when check_outcome = 'already_reported' then 1 end) = 1
                then 'already_reported'
                else max(check_outcome)
            end as check_outcome,
            max(checked_on) as checked_on,
            max(checking_unit) as checking_unit,
            case
                when max(case when identity_code = 'uscc' then 1 end) = 1
                then 'uscc'
                when max(case when identity_code = 'name' then 1 end) = 1
                then 'name'
                else 'unknown'
            end as identity_code,
            case
                when max(case when circumstance_code = 'workplace' then 1 end) = 1
                then 'workplace'
                when max(case when circumstance_code = 'fire' then 1 end) = 1
                then 'fire'
                else max(circumstance_code)
            end as circumstance_code,
            case
                when max(case when finding_code = 'granted' then 1 end) = 1
                then 'granted'
                when max(case when finding_code = 'cause_known' then 1 end) = 1
                then 'cause_known'
                else max(finding_code)
            end as finding_code
        from numbered
        group by party_key, event_number
    )

select
    event.*,
    casualties.departments,
    casualties.deaths,
    casualties.serious_injuries,
    casualties.injured,
    case
        when casualties.deaths > 0
        then 'death'
        when casualties.serious_injuries > 0
        then 'serious'
        when casualties.hurt_by_fire > 0
        then 'hurt'
        when casualties.injured > 0
        then 'minor'
        else 'loss'
    end as severity_code,
    case
        when casualties.departments > 1
        then 'two_sources'
        when casualties.injured > 1
        then 'several_injured'
        else 'none'
    end as corroboration_code,
    case
        when event.unnamed_accident_id is not null
        then 'same_place_kind'
        when event.days_to_nearest_accident <= rule.near_days
        then 'near_accident'
        else 'none'
    end as counter_code,
    rule.rule_version
from event
cross join rule
inner join casualties on event.party_key = casualties.party_key and event.event_number = casualties.event_number
where
    coalesce(event.days_to_nearest_accident > rule.match_days, 1 = 1)
    -- slight injuries alone are listed from so many of one event on
    and (
        casualties.deaths + casualties.serious_injuries + casualties.hurt_by_fire > 0
        or casualties.injured = 0
        or casualties.injured >= rule.minor_injured_from
    )
    and event.last_event_on <= {{ add_days(as_of(), "(-1 * rule.wait_days)") }}
