-- One row per reported accident of whose unit other departments know more dead, or more dead and badly hurt, within
-- match_days than its latest report says (疑似少报伤亡). Every record goes to the nearest accident of its unit; what was
-- checked and found to be no accident is left out. Slight injuries are not compared: a report need not name them all.
with
    rule as (
        select *
        from {{ ref("accident_suspicion_rule") }}
        where rule_version = '{{ var("accident_suspicion_version") }}'
    ),

    lead_check as ({{ latest_standing(ref("stg_yjgl__accident_lead_check"), ["lead_no"]) }}),

    near as (
        select
            *,
            row_number() over (
                partition by department_code, record_id order by days_apart asc nulls last, accident_id asc nulls last
            ) as place
        from
            (
                select
                    lead_record.*,
                    accident.accident_id,
                    lead_check.outcome as check_outcome,
                    lead_check.checked_on,
                    abs({{ days_between("accident.occurred_on", "lead_record.event_on") }}) as days_apart
                from {{ ref("int_accident__lead") }} as lead_record
                cross join rule
                inner join
                    {{ ref("fct_accident") }} as accident
                    on lead_record.entity_id = accident.entity_id
                    and abs({{ days_between("accident.occurred_on", "lead_record.event_on") }}) <= rule.match_days
                left join
                    lead_check on lead_record.record_id = lead_check.lead_no and lead_check.checked_on <= {{ as_of() }}
                where
                    lead_record.deaths + lead_record.serious_injuries > 0
                    and coalesce(lead_check.outcome <> 'not_accident', 1 = 1)
            ) as candidate
    ),

    -- labour office and fire brigade count the same people: each adds up its own, the larger stands
    by_department as (
        select accident_id, department_code, sum(deaths) as deaths, sum(deaths + serious_injuries) as graves
        from near
        where place = 1
        group by accident_id, department_code
    ),

    known as (
        select accident_id, cast(max(deaths) as bigint) as known_deaths, cast(max(graves) as bigint) as known_graves
        from by_department
        group by accident_id
    ),

    evidence as (
        select
            accident_id,
            cast(count(*) as bigint) as records,
            count(distinct department_code) as departments,
            {{ sorted_list("department_code", ",") }} as department_codes,
            {{ sorted_list("record_id") }} as record_ids,
            max(days_apart) as days_apart,
            max(case when check_outcome = 'to_be_reported' then check_outcome end) as check_outcome,
            max(case when check_outcome = 'to_be_reported' then checked_on end) as checked_on,
            case when max(case when identity_code = 'uscc' then 1 end) = 1 then 'uscc' else 'name' end as identity_code,
            case
                when max(case when finding_code = 'granted' then 1 end) = 1
                then 'granted'
                when max(case when finding_code = 'cause_known' then 1 end) = 1
                then 'cause_known'
                else max(finding_code)
            end as finding_code
        from near
        where place = 1
        group by accident_id
    ),

    short as (
        select
            accident.accident_id,
            accident.occurred_on,
            accident.grade_order,
            greatest(accident.deaths, known.known_deaths) as deaths,
            greatest(
                coalesce(accident.serious_injuries, 0),
                known.known_graves - greatest(accident.deaths, known.known_deaths)
            ) as serious_injuries,
            accident.direct_loss_yuan,
            known.known_deaths,
            known.known_graves,
            greatest(known.known_deaths - accident.deaths, 0) as deaths_short,
            greatest(known.known_graves - accident.deaths - accident.serious_injuries, 0) as graves_short
        from known
        inner join {{ ref("fct_accident") }} as accident on known.accident_id = accident.accident_id
        -- a figure that is not reported yet is not a small one
        where known.known_deaths > accident.deaths or known.known_graves > accident.deaths + accident.serious_injuries
    ),

    as_it_would_be as ({{ graded("short", ["accident_id"]) }})

select
    short.accident_id,
    short.known_deaths,
    short.known_graves,
    cast(short.deaths_short as bigint) as deaths_short,
    cast(coalesce(short.graves_short, 0) as bigint) as graves_short,
    as_it_would_be.grade_name as grade_name_if_so,
    as_it_would_be.grade_order < short.grade_order as is_graver,
    case
        when as_it_would_be.grade_order < short.grade_order
        then 'graver'
        when short.deaths_short > 0
        then 'death'
        else 'serious'
    end as shortfall_code,
    evidence.identity_code,
    evidence.finding_code,
    case when evidence.departments > 1 then 'two_sources' else 'none' end as corroboration_code,
    case when evidence.days_apart > 0 then 'other_day' else 'none' end as counter_code,
    evidence.records,
    evidence.department_codes,
    evidence.record_ids,
    evidence.check_outcome,
    evidence.checked_on,
    rule.rule_version
from short
inner join evidence on short.accident_id = evidence.accident_id
inner join as_it_would_be on short.accident_id = as_it_would_be.accident_id
cross join rule
