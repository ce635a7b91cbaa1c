-- One row per entry of a credit list (守信红名单, 严重失信主体名单), latest state: basis, deciding department, period, when it
-- must be removed and when it was. It must go when its period is over or when its repair is granted, whichever comes
-- first; the day of the decision, or the day after the period, is the first day without it.
with
    listings as (
        select
            entries.department_code,
            entries.entry_id,
            entries.list_kind,
            entries.uscc,
            entries.enterprise_name,
            entries.basis,
            entries.decided_by,
            entries.listed_on,
            coalesce(
                entries.valid_until, {{ add_days(add_months("entries.listed_on", "rules.period_months"), -1) }}
            ) as valid_until,
            {{ add_months("entries.listed_on", "rules.early_removal_months") }} as early_removal_from,
            case when entries.removed_on <= {{ as_of() }} then entries.removed_on end as removed_on,
            rules.rule_version
        from ({{ latest_standing(ref("stg_credit_listing"), ["department_code", "entry_id"]) }}) as entries
        left join
            {{ ref("credit_list_rule") }} as rules
            on rules.list_kind = entries.list_kind
            and entries.listed_on between rules.valid_from and rules.valid_to
        where entries.listed_on <= {{ as_of() }}
    ),

    -- of several applications for one entry the granted one, else the last
    repairs as (
        select *
        from
            (
                select
                    entry_id,
                    repair_id,
                    applied_on,
                    decided_on,
                    decision,
                    row_number() over (
                        partition by entry_id
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
        left join repairs on repairs.entry_id = listings.entry_id
    )

select
    concat(due.department_code, ':', due.entry_id) as entry_key,
    due.entry_id,
    due.department_code,
    due.list_kind,
    {{ code_label("fgw.credit_list", "list_kind", "due.list_kind") }} as list_kind_name,
    due.uscc,
    enterprises.entity_id,
    coalesce(due.enterprise_name, enterprises.enterprise_name) as enterprise_name,
    enterprises.district_code,
    enterprises.functional_zone_code,
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
    due.rule_version,
    {{ as_of() }} as as_of
from due
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = due.uscc
