-- One row per entry of a credit list (守信红名单, 严重失信主体名单) of an enterprise, an agency or a person (masked), latest
-- state: basis, deciding department, period, measures, when it must be removed and when it was, whether it is still
-- shown. It must go when its period is over or when its repair is granted, whichever comes
-- first; the day of the decision, or the day after the period, is the first day without it.
with
    listings as (
        select
            entry.department_code,
            entry.entry_id,
            entry.list_kind,
            coalesce(entry.subject_kind, 'enterprise') as subject_kind,
            case
                when entry.person_name <> '' then concat(substring(entry.person_name, 1, 1), '**')
            end as person_masked,
            entry.post,
            entry.employer_uscc,
            entry.employer_name,
            entry.district_code,
            entry.uscc,
            entry.enterprise_name,
            entry.basis,
            entry.decided_by,
            entry.listed_on,
            coalesce(
                entry.valid_until, {{ add_days(add_months("entry.listed_on", "rule.period_months"), -1) }}
            ) as valid_until,
            {{ add_months("entry.listed_on", "rule.early_removal_months") }} as early_removal_from,
            case when entry.removed_on <= {{ as_of() }} then entry.removed_on end as removed_on,
            rule.rule_version
        from ({{ latest_standing(ref("stg_credit_listing"), ["source_feed", "entry_id"]) }}) as entry
        left join
            {{ ref("credit_list_rule") }} as rule
            on rule.list_kind = entry.list_kind
            and entry.listed_on between rule.valid_from and rule.valid_to
        where entry.listed_on <= {{ as_of() }}
    ),

    -- of several applications for one entry the granted one, else the last
    repairs as (
        select *
        from
            (
                select
                    entry_id,
                    coalesce(target_kind = 'person_entry', 1 = 0) as is_of_person,
                    repair_id,
                    applied_on,
                    decided_on,
                    decision,
                    row_number() over (
                        partition by entry_id, coalesce(target_kind = 'person_entry', 1 = 0)
                        order by
                            case when decision = 'granted' then 0 else 1 end asc nulls last,
                            applied_on desc nulls last,
                            repair_id asc nulls last
                    ) as preference
                from {{ ref("int_credit__repair") }}
                where entry_id is not null
            ) as ranked
        where preference = 1
    ),

    due as (
        select
            listings.*,
            repairs.repair_id,
            repairs.applied_on as repair_applied_on,
            repairs.decision as repair_decision,
            case when repairs.decision = 'granted' then repairs.decided_on end as repaired_on,
            cast(
                least(
                    coalesce(
                        case when repairs.decision = 'granted' then repairs.decided_on end,
                        {{ add_days("listings.valid_until", 1) }}
                    ),
                    {{ add_days("listings.valid_until", 1) }}
                ) as date
            ) as removal_due_on
        from listings
        left join
            repairs
            on repairs.entry_id = listings.entry_id
            and repairs.is_of_person = (listings.subject_kind = 'person')
    ),

    -- the platform shows the lists at all, so that what it does not show is not shown
    shown as (
        select record_no, display_state, withdrawn_on
        from {{ ref("int_credit__display") }}
        where record_kind = 'list_entry'
    ),

    withdrawing as (
        select max(withdraw_workdays) as withdraw_workdays
        from {{ ref("credit_publicity_rule") }}
        where publicity_class = 'general' and {{ as_of() }} between valid_from and valid_to
    )

select
    concat(
        due.department_code, case when due.subject_kind = 'person' then ':person:' else ':' end, due.entry_id
    ) as entry_key,
    due.entry_id,
    due.department_code,
    due.list_kind,
    {{ code_label("fgw.credit_list", "list_kind", "due.list_kind") }} as list_kind_name,
    due.subject_kind,
    case
        due.subject_kind
        when 'person'
        then '人员'
        else {{ code_label("fgw.credit_list", "subject_kind", "due.subject_kind") }}
    end as subject_kind_name,
    case
        when due.subject_kind = 'person'
        then due.person_masked
        else coalesce(due.enterprise_name, enterprises.enterprise_name)
    end as subject_name,
    due.post,
    {{ code_label("fgw.credit_list_person", "post", "due.post") }} as post_name,
    due.employer_uscc,
    due.employer_name,
    due.uscc,
    enterprises.entity_id,
    coalesce(due.enterprise_name, enterprises.enterprise_name) as enterprise_name,
    coalesce(enterprises.district_code, employer.district_code, due.district_code) as district_code,
    coalesce(enterprises.functional_zone_code, employer.functional_zone_code) as functional_zone_code,
    consequence.measures,
    due.basis,
    due.decided_by,
    due.listed_on,
    due.valid_until,
    due.early_removal_from,
    due.removal_due_on,
    due.removed_on,
    case
        when due.removed_on is not null
        then 'removed'
        when due.removal_due_on <= {{ as_of() }}
        then 'removal_overdue'
        else 'listed'
    end as list_state,
    case
        when due.removed_on is not null then '已移出' when due.removal_due_on <= {{ as_of() }} then '应退未退' else '在列'
    end as list_state_name,
    case
        when due.removed_on is null
        then null
        when due.repaired_on <= due.removed_on
        then '修复提前移出'
        when due.removed_on > due.valid_until
        then '期满移出'
        else '其他原因移出'
    end as removal_kind,
    case
        when due.removal_due_on <= {{ as_of() }}
        then
            cast(
                greatest(
                    {{ days_between("due.removal_due_on", "coalesce(due.removed_on, " ~ as_of() ~ ")") }}, 0
                ) as bigint
            )
    end as removal_delay_days,
    due.repair_id,
    due.repair_applied_on,
    due.repair_decision,
    due.repaired_on,
    shown.display_state,
    {{ code_label("fgw.publicity_display", "display_state", "shown.display_state") }} as display_state_name,
    shown.withdrawn_on as display_withdrawn_on,
    withdraw_due.date_day as withdraw_due_on,
    coalesce(shown.display_state = 'shown' and withdraw_due.date_day < {{ as_of() }}, 1 = 0) as is_withdrawal_overdue,
    due.rule_version,
    {{ as_of() }} as as_of
from due
cross join withdrawing
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = due.uscc
left join {{ ref("int_core__uscc_entity") }} as employer on employer.uscc = due.employer_uscc
left join
    {{ ref("credit_list_consequence") }} as consequence
    on consequence.list_kind = due.list_kind
    and consequence.subject_kind = due.subject_kind
    and due.listed_on between consequence.valid_from and consequence.valid_to
-- the platform's return knows units alone
left join shown on shown.record_no = case when due.subject_kind <> 'person' then due.entry_id end
left join
    {{ ref("int_credit__workday") }} as gone
    on gone.date_day = least(due.removal_due_on, coalesce(due.removed_on, due.removal_due_on))
left join
    {{ ref("int_credit__workday") }} as withdraw_due
    on withdraw_due.is_workday
    and withdraw_due.workday_no = gone.workday_no + withdrawing.withdraw_workdays
