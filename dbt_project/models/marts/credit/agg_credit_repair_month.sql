-- One row per month × area (running month and 36 before it): list entries in force, entered and left; what had to be
-- removed by then and was (应退尽退); what could be repaired then and was (应修尽修); applications and decisions on time.
{%- set counts = [
    "in_force",
    "persons",
    "agencies",
    "entered",
    "removed",
    "removal_due",
    "removal_done",
    "withdrawal_due",
    "withdrawal_done",
    "repairable",
    "repaired",
    "applied",
    "decided",
    "decided_on_time",
] %}
with
    months as (select month_start, measured_on from {{ ref("int_core__measuring_month") }}),

    entries as (
        select
            months.month_start,
            lists.district_code,
            lists.functional_zone_code,
            case
                when
                    lists.removal_due_on > months.measured_on and coalesce(lists.removed_on > months.measured_on, 1 = 1)
                then 1
                else 0
            end as in_force,
            case when lists.subject_kind = 'person' then 1 else 0 end as is_person,
            case when lists.subject_kind = 'agency' then 1 else 0 end as is_agency,
            case when {{ month_start("lists.listed_on") }} = months.month_start then 1 else 0 end as entered,
            case when {{ month_start("lists.removed_on") }} = months.month_start then 1 else 0 end as removed,
            case when lists.removal_due_on <= months.measured_on then 1 else 0 end as removal_due,
            case
                when lists.removal_due_on <= months.measured_on and lists.removed_on <= months.measured_on then 1 else 0
            end as removal_done
        from {{ ref("fct_credit_list") }} as lists
        join months on lists.listed_on <= months.measured_on
        where lists.list_kind = 'black'
    ),

    -- 应修: on display but for a repair, shortest period over, fine paid by then
    repairable as (
        select
            months.month_start,
            penalty.district_code,
            penalty.functional_zone_code,
            case when penalty.repaired_on <= months.measured_on then 1 else 0 end as repaired
        from {{ ref("fct_credit_publicity") }} as penalty
        join
            months
            on penalty.repairable_from <= months.measured_on
            and penalty.longest_until > months.measured_on
            and (coalesce(penalty.fine_yuan, 0) = 0 or penalty.paid_on <= months.measured_on)
    ),

    -- 应撤: shown by the platform at any time, and by then to be taken down
    withdrawn as (
        select
            months.month_start,
            penalty.district_code,
            penalty.functional_zone_code,
            1 as withdrawal_due,
            case when penalty.withdrawn_on <= months.measured_on then 1 else 0 end as withdrawal_done
        from {{ ref("fct_credit_publicity") }} as penalty
        join months on penalty.withdraw_due_on <= months.measured_on
        where penalty.actual_state in ('shown', 'withdrawn')
    ),

    events as (
        select
            month_start,
            district_code,
            functional_zone_code,
            in_force,
            in_force * is_person as persons,
            in_force * is_agency as agencies,
            entered,
            removed,
            removal_due,
            removal_done,
            0 as withdrawal_due,
            0 as withdrawal_done,
            0 as repairable,
            0 as repaired,
            0 as applied,
            0 as decided,
            0 as decided_on_time
        from entries
        union all
        select
            month_start,
            district_code,
            functional_zone_code,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            withdrawal_due,
            withdrawal_done,
            0,
            0,
            0,
            0,
            0
        from withdrawn
        union all
        select month_start, district_code, functional_zone_code, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, repaired, 0, 0, 0
        from repairable
        union all
        select
            {{ month_start("applied_on") }},
            district_code,
            functional_zone_code,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            0,
            0
        from {{ ref("fct_credit_repair") }}
        union all
        select
            {{ month_start("decided_on") }},
            district_code,
            functional_zone_code,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            1,
            case when is_decision_late then 0 else 1 end
        from {{ ref("fct_credit_repair") }}
        where decided_on is not null
    ),

    counted as (
        select
            month_start,
            area_code,
            {% for column in counts %} sum({{ column }}) as {{ column }}{% if not loop.last %},{% endif %} {% endfor %}
        from ({{ by_area("events", ["month_start"] + counts) }}) as event_areas
        group by month_start, area_code
    )

select
    months.month_start,
    area.area_code,
    area.area_name,
    area.area_level,
    area.area_order,
    cast(coalesce(counted.in_force, 0) as bigint) as listed_entries,
    cast(coalesce(counted.persons, 0) as bigint) as listed_persons,
    cast(coalesce(counted.agencies, 0) as bigint) as listed_agencies,
    cast(coalesce(counted.entered, 0) as bigint) as entered_entries,
    cast(coalesce(counted.removed, 0) as bigint) as removed_entries,
    cast(coalesce(counted.removal_due, 0) as bigint) as removal_due_entries,
    cast(coalesce(counted.removal_done, 0) as bigint) as removal_done_entries,
    cast(coalesce(counted.withdrawal_due, 0) as bigint) as withdrawal_due_penalties,
    cast(coalesce(counted.withdrawal_done, 0) as bigint) as withdrawal_done_penalties,
    cast(coalesce(counted.repairable, 0) as bigint) as repairable_penalties,
    cast(coalesce(counted.repaired, 0) as bigint) as repaired_penalties,
    cast(coalesce(counted.applied, 0) as bigint) as repair_applications,
    cast(coalesce(counted.decided, 0) as bigint) as repair_decisions,
    cast(coalesce(counted.decided_on_time, 0) as bigint) as repair_decisions_on_time
from months
cross join {{ ref("dim_district") }} as area
left join counted on counted.month_start = months.month_start and counted.area_code = area.area_code
