-- One row per enterprise that must be insured and is not, on the data's date: the work list of 应保未保.
with
    ended as (
        -- of the policies that have begun the one that ended last
        select
            entity_id,
            policy_no,
            insurer,
            effective_end_on,
            row_number() over (
                partition by entity_id order by effective_end_on desc nulls last, policy_no desc nulls last
            ) as end_rank
        from {{ ref("int_insurance__policy") }}
        where entity_id is not null and start_on <= {{ as_of() }} and effective_end_on > start_on
    ),

    gaps as (select entity_id, gap_from from {{ ref("int_insurance__gap_period") }} where gap_until is null),

    fines as (
        select
            max(case when offence_code = 'uninsured' then fine_from_yuan end) as fine_from_yuan,
            max(case when offence_code = 'uninsured' then fine_to_yuan end) as fine_to_yuan,
            max(case when offence_code = 'uncorrected' then fine_from_yuan end) as repeat_fine_from_yuan,
            max(case when offence_code = 'uncorrected' then fine_to_yuan end) as repeat_fine_to_yuan
        from {{ ref("insurance_fine_band") }}
        where {{ as_of() }} between valid_from and valid_to
    )

select
    uninsured.entity_id,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    uninsured.district_code,
    enterprise.district_name,
    uninsured.functional_zone_code,
    enterprise.street_name,
    enterprise.industry_name,
    scope.scope_reason,
    gaps.gap_from as uninsured_since,
    ended.policy_no as last_policy_no,
    ended.insurer as last_insurer,
    ended.effective_end_on as last_end_on,
    -- a policy that ended before its holder came into the scope was nobody's duty to renew
    case when ended.entity_id is not null then {{ days_between("gaps.gap_from", as_of()) }} end as uninsured_days,
    ended.entity_id is null as is_never_insured,
    fines.fine_from_yuan,
    fines.fine_to_yuan,
    fines.repeat_fine_from_yuan,
    fines.repeat_fine_to_yuan,
    concat(
        case when ended.entity_id is null then '从未参保：责令限期投保' else '脱保：通知续保，责令限期改正' end,
        '，可处',
        cast(cast(fines.fine_from_yuan / 10000 as bigint) as varchar),
        '–',
        cast(cast(fines.fine_to_yuan / 10000 as bigint) as varchar),
        '万元罚款；逾期未改正的处',
        cast(cast(fines.repeat_fine_from_yuan / 10000 as bigint) as varchar),
        '–',
        cast(cast(fines.repeat_fine_to_yuan / 10000 as bigint) as varchar),
        '万元'
    ) as what_to_do,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__entity_month") }} as uninsured
join {{ ref("int_core__enterprise") }} as enterprise on enterprise.entity_id = uninsured.entity_id
join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = uninsured.entity_id
left join ended on ended.entity_id = uninsured.entity_id and ended.end_rank = 1
left join gaps on gaps.entity_id = uninsured.entity_id
cross join fines
where uninsured.month_start = {{ month_start(as_of()) }} and not uninsured.is_insured
