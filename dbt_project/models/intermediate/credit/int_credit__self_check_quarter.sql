-- One row per enterprise × past quarter whose self-checks say something: none at all though it is on the key
-- supervision list (category none), or no hazard found where regulators found some (blind; magnitude: what the
-- regulators found). Quarters without a self-check of anybody are left out: then the feed is missing, not the
-- enterprise's diligence.
with
    quarters as (
        select quarter_start, cast({{ add_months("quarter_start", 3) }} as date) as next_quarter
        from
            (
                select distinct cast(date_trunc('quarter', month_start) as date) as quarter_start
                from {{ ref("int_core__measuring_month") }}
            ) as starts
        where {{ add_months("quarter_start", 3) }} <= {{ add_days(as_of(), 1) }}
    ),

    own as (
        select
            uscc,
            cast(date_trunc('quarter', checked_on) as date) as quarter_start,
            sum(coalesce(hazards_found, 0)) as hazards_found
        from {{ ref("int_inspection__self_check_latest") }}
        where uscc is not null
        group by uscc, cast(date_trunc('quarter', checked_on) as date)
    ),

    regulators as (
        select uscc, cast(date_trunc('quarter', found_on) as date) as quarter_start, count(*) as hazards_found
        from {{ ref("int_inspection__hazard_latest") }}
        where uscc is not null
        group by uscc, cast(date_trunc('quarter', found_on) as date)
    ),

    reported_quarters as (
        select quarters.quarter_start, quarters.next_quarter
        from quarters
        where quarters.quarter_start in (select quarter_start from own)
    )

select
    own.uscc,
    own.quarter_start,
    cast({{ add_days("reported_quarters.next_quarter", -1) }} as date) as judged_on,
    'blind' as category,
    cast(regulators.hazards_found as decimal(18, 2)) as magnitude
from own
join regulators on regulators.uscc = own.uscc and regulators.quarter_start = own.quarter_start
join reported_quarters on reported_quarters.quarter_start = own.quarter_start
where own.hazards_found = 0
union all
select
    listed.uscc,
    reported_quarters.quarter_start,
    cast({{ add_days("reported_quarters.next_quarter", -1) }} as date),
    'none',
    cast(1 as decimal(18, 2))
from
    (
        select distinct entry.uscc, reported_quarters.quarter_start
        from {{ ref("int_core__key_supervision_latest") }} as entry
        join
            reported_quarters
            on entry.listed_on <= reported_quarters.quarter_start
            and (entry.delisted_on is null or entry.delisted_on >= reported_quarters.next_quarter)
    ) as listed
join reported_quarters on reported_quarters.quarter_start = listed.quarter_start
left join own on own.uscc = listed.uscc and own.quarter_start = listed.quarter_start
where own.uscc is null
