-- One row per application for credit repair, latest state, with its clock: to be accepted within so many working days
-- of the application, decided within so many of the acceptance. A clock counts from the day after; an acceptance that
-- is not reported counts as made on its last day.
with
    applications as (
        select
            repair.*,
            case
                when repair.is_of_person
                then 'person_entry'
                when repair.entry_id is not null
                then 'list_entry'
                else 'penalty'
            end as target_kind
        from {{ ref("int_credit__repair_latest") }} as repair
        where repair.applied_on <= {{ as_of() }}
    ),

    accepting as (
        select
            applications.*,
            clock.target_name,
            clock.decide_workdays,
            clock.rule_version as clock_version,
            accept_due.date_day as accept_due_on
        from applications
        left join
            {{ ref("credit_repair_clock") }} as clock
            on clock.target_kind = applications.target_kind
            and applications.applied_on between clock.valid_from and clock.valid_to
        left join {{ ref("int_credit__workday") }} as applied on applied.date_day = applications.applied_on
        left join
            {{ ref("int_credit__workday") }} as accept_due
            on accept_due.is_workday
            and accept_due.workday_no = applied.workday_no + clock.accept_workdays
    )

select
    accepting.repair_id,
    accepting.department_code,
    accepting.target_kind,
    accepting.target_name,
    accepting.case_no,
    accepting.entry_id,
    accepting.uscc,
    accepting.applied_on,
    accepting.accepted_on,
    accepting.accept_due_on,
    coalesce(accepting.accepted_on, {{ as_of() }}) > accepting.accept_due_on as is_accept_late,
    case when accepting.decision in ('granted', 'refused') then accepting.decided_on end as decided_on,
    decide_due.date_day as decide_due_on,
    coalesce(case when accepting.decision in ('granted', 'refused') then accepting.decided_on end, {{ as_of() }})
    > decide_due.date_day as is_decision_late,
    accepting.decision,
    accepting.clock_version
from accepting
left join
    {{ ref("int_credit__workday") }} as accepted
    on accepted.date_day = coalesce(accepting.accepted_on, accepting.accept_due_on)
left join
    {{ ref("int_credit__workday") }} as decide_due
    on decide_due.is_workday
    and decide_due.workday_no = accepted.workday_no + accepting.decide_workdays
