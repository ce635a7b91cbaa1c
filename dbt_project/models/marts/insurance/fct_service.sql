-- One row per accident-prevention service (事故预防服务), latest version, with the clock of a complaint (AQ 9010).
with
    services as ({{ latest_version(ref("stg_jrjg__prevention_service"), ["service_id"]) }}),

    -- how many working days the calendar holds up to each day; years without an announced calendar count none
    calendar as (
        select
            date_day,
            is_workday,
            sum(case when is_workday then 1 else 0 end) over (
                order by date_day asc nulls last rows between unbounded preceding and current row
            ) as workdays
        from {{ ref("dim_date") }}
    )

select
    services.service_id,
    services.policy_no,
    services.uscc,
    enterprise.entity_id,
    policy.insurer,
    services.served_on,
    {{ month_start("services.served_on") }} as month_start,
    services.service_kind,
    {{ code_label("jrjg.prevention_service", "service_kind", "services.service_kind") }} as service_kind_name,
    services.provider,
    services.hazards_found,
    services.hazards_rectified,
    services.cost_yuan,
    services.complained_on,
    services.complaint_closed_on,
    cast(
        case
            when complained.is_workday is not null and closed.is_workday is not null
            then closed.workdays - complained.workdays
        end as bigint
    ) as complaint_workdays,
    case
        when services.complained_on is not null and complained.is_workday is not null and closed.is_workday is not null
        then
            closed.workdays - complained.workdays
            > {{ insurance_parameter("complaint_workdays", "services.complained_on") }}
    end as is_complaint_overdue,
    coalesce(
        services.served_on >= policy.start_on and services.served_on < policy.effective_end_on, false
    ) as is_within_cover,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code
from services
left join {{ ref("int_core__uscc_entity") }} as enterprise on enterprise.uscc = services.uscc
left join {{ ref("int_insurance__policy") }} as policy on policy.policy_no = services.policy_no
left join calendar as complained on complained.date_day = services.complained_on
left join
    calendar as closed
    on closed.date_day
    = case when services.complained_on is not null then coalesce(services.complaint_closed_on, {{ as_of() }}) end
