-- One row per enterprise that must be insured and is not, on the data's date: the work list of 应保未保.
with
    ended as (
        -- of the policies that have begun the one that ended last
        select
            entity_id,
            policy_no,
            effective_end_on,
            row_number() over (
                partition by entity_id order by effective_end_on desc nulls last, policy_no desc nulls last
            ) as end_rank
        from {{ ref("int_insurance__policy") }}
        where entity_id is not null and start_on <= {{ as_of() }} and effective_end_on > start_on
    )

select
    uninsured.entity_id,
    enterprises.uscc,
    enterprises.name as enterprise_name,
    uninsured.district_code,
    enterprises.district_name,
    uninsured.functional_zone_code,
    enterprises.street_name,
    enterprises.industry_name,
    scope.scope_reason,
    ended.policy_no as last_policy_no,
    ended.effective_end_on as last_end_on,
    {{ days_between("ended.effective_end_on", as_of()) }} as uninsured_days,
    ended.entity_id is null as is_never_insured,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__entity_month") }} as uninsured
join {{ ref("int_core__enterprise") }} as enterprises on enterprises.entity_id = uninsured.entity_id
join {{ ref("int_insurance__scope_current") }} as scope on scope.entity_id = uninsured.entity_id
left join ended on ended.entity_id = uninsured.entity_id and ended.end_rank = 1
where uninsured.month_start = {{ month_start(as_of()) }} and not uninsured.is_insured
