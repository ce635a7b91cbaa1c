-- One row per carrier with operating key vehicles (两客一危一货): its fleet, its latest safety audit, overloads and road
-- accidents of the last 12 months. Overload cases count where a code names the carrier, never a likeness.
with
    vehicles as ({{ latest_standing(ref("stg_jtys__key_vehicle"), ["plate_no"]) }}),

    operating as (
        select
            uscc,
            count(*) as vehicles,
            sum(case when vehicle_kind in ('coach', 'tourist') then 1 else 0 end) as passenger_vehicles,
            sum(case when vehicle_kind = 'hazmat' then 1 else 0 end) as hazmat_vehicles,
            sum(case when vehicle_kind = 'freight' then 1 else 0 end) as freight_vehicles,
            sum(case when inspection_valid_until < {{ as_of() }} then 1 else 0 end) as uninspected_vehicles,
            sum(case when not is_monitored then 1 else 0 end) as unmonitored_vehicles,
            sum(case when insurance_valid_until < {{ as_of() }} then 1 else 0 end) as uninsured_vehicles,
            sum(
                case
                    when
                        inspection_valid_until < {{ as_of() }}
                        or not is_monitored
                        or insurance_valid_until < {{ as_of() }}
                    then 1
                    else 0
                end
            ) as unfit_vehicles
        from vehicles
        where vehicle_status = 'operating' and uscc is not null
        group by uscc
    ),

    audits as (
        select
            *,
            row_number() over (
                partition by uscc order by audited_on desc nulls last, audit_no desc nulls last
            ) as audit_rank
        from ({{ latest_standing(ref("stg_jtys__fleet_audit"), ["audit_no"]) }}) as latest
        where audited_on <= {{ as_of() }} and audited_on > {{ add_months(as_of(), -12) }}
    ),

    overloads as (
        select mention.entity_id, count(*) as overloads, {{ sorted_list("cases.case_no") }} as case_nos
        from ({{ latest_standing(ref("stg_jtys__overload_case"), ["case_no"]) }}) as cases
        join {{ ref("int_core__mention_entity") }} as mention on mention.mention_key = cases._mention_key
        where
            mention.method in ('uscc', 'organization_code', 'registration_no')
            and cast(cases.found_at as date) <= {{ as_of() }}
            and cast(cases.found_at as date) > {{ add_months(as_of(), -12) }}
        group by mention.entity_id
    ),

    accidents as (
        select
            uscc,
            count(*) as accidents,
            sum(case when deaths > 0 then 1 else 0 end) as fatal_accidents,
            {{ sorted_list("accident_id") }} as accident_ids
        from {{ ref("fct_accident") }}
        where
            accident_domain = 'road'
            and is_statistical
            and uscc is not null
            and occurred_on <= {{ as_of() }}
            and occurred_on > {{ add_months(as_of(), -12) }}
        group by uscc
    )

select
    enterprise.entity_id,
    operating.uscc,
    enterprise.enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    operating.vehicles,
    operating.passenger_vehicles,
    operating.hazmat_vehicles,
    operating.freight_vehicles,
    operating.uninspected_vehicles,
    operating.unmonitored_vehicles,
    operating.uninsured_vehicles,
    operating.unfit_vehicles,
    audits.audit_no,
    audits.audited_on,
    audits.score as audit_score,
    audits.violations,
    audits.vehicles as audited_vehicles,
    coalesce(overloads.overloads, 0) as overloads,
    overloads.case_nos,
    coalesce(accidents.accidents, 0) as accidents,
    coalesce(accidents.fatal_accidents, 0) as fatal_accidents,
    accidents.accident_ids
from operating
join {{ ref("int_core__uscc_entity") }} as enterprise on enterprise.uscc = operating.uscc
left join audits on audits.uscc = operating.uscc and audits.audit_rank = 1
left join overloads on overloads.entity_id = enterprise.entity_id
left join accidents on accidents.uscc = operating.uscc
