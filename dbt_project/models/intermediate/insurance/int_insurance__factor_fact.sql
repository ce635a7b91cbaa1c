-- One row per policy in force × factor: what was seen about its enterprise on as_of, before any rule. Only records that
-- carry the enterprise's own code count, since a likeness must not cost money. `evidence`: the rows behind it.
with
    policies as (
        select policy_no, uscc, entity_id, start_on
        from {{ ref("int_insurance__policy") }} as policies
        where {{ in_force_on("policies", as_of()) }}
    ),

    listing as (
        select
            uscc,
            max(case when list_kind = 'black' then 1 else 0 end) as is_black,
            {{ sorted_list("entry_id") }} as evidence
        from {{ ref("fct_credit_list") }}
        -- a list whose kind is not on the code list neither rewards nor punishes
        where list_state = 'listed' and list_kind in ('black', 'red') and uscc is not null
        group by uscc
    ),

    accident as (
        select
            uscc,
            count(*) as accidents_36,
            sum(case when occurred_on > {{ add_months(as_of(), -12) }} then 1 else 0 end) as accidents_12,
            sum(case when is_relatively_serious_or_above then 1 else 0 end) as major_36,
            sum(case when deaths > 0 and occurred_on > {{ add_months(as_of(), -12) }} then 1 else 0 end) as fatal_12,
            {{ sorted_list("accident_id") }} as evidence
        from {{ ref("fct_accident") }}
        where
            is_statistical
            and occurred_on > {{ add_months(as_of(), -36) }}
            and occurred_on <= {{ as_of() }}
            and uscc is not null
        group by uscc
    ),

    hazard as (
        select
            uscc,
            sum(case when level = 'major' and not is_rectified then 1 else 0 end) as major_open,
            sum(case when is_overdue then 1 else 0 end) as overdue,
            {{ sorted_list("case when level = 'major' and not is_rectified then hazard_id end") }} as major_evidence,
            {{ sorted_list("case when is_overdue then hazard_id end") }} as overdue_evidence
        from {{ ref("fct_hazard") }}
        where uscc is not null and not is_rectified
        group by uscc
    ),

    loss as (
        -- policies that protected within the window
        select
            entity_id,
            sum(earned_premium_yuan) as earned_yuan,
            sum(paid_yuan + reserve_yuan) as incurred_yuan,
            {{ sorted_list("policy_no") }} as evidence
        from {{ ref("fct_policy") }}
        where
            entity_id is not null
            and effective_end_on > start_on
            and effective_end_on
            > {{ add_months(as_of(), "-cast(" ~ insurance_parameter("loss_window_months") ~ " as int)") }}
            and start_on <= {{ as_of() }}
        group by entity_id
    )

select
    policies.policy_no as subject_key,
    'listing' as factor_code,
    case when listing.uscc is null then 'none' when listing.is_black = 1 then 'black' else 'red' end as category,
    cast(null as decimal(18, 4)) as number_seen,
    case when listing.uscc is null then '不在名单' when listing.is_black = 1 then '严重失信名单' else '守信红名单' end as value_seen,
    listing.evidence
from policies
left join listing on listing.uscc = policies.uscc
union all
select
    policies.policy_no,
    'accident',
    case
        when accident.major_36 > 0
        then 'major_36'
        when accident.fatal_12 > 0
        then 'fatal_12'
        when accident.accidents_12 > 0
        then 'any_12'
        when accident.accidents_36 > 0
        then 'any_36'
        else 'none'
    end,
    cast(coalesce(accident.accidents_36, 0) as decimal(18, 4)),
    concat(
        '36个月内',
        cast(coalesce(accident.accidents_36, 0) as varchar),
        '起，12个月内',
        cast(coalesce(accident.accidents_12, 0) as varchar),
        '起，较大及以上',
        cast(coalesce(accident.major_36, 0) as varchar),
        '起'
    ),
    accident.evidence
from policies
left join accident on accident.uscc = policies.uscc
union all
select
    policies.policy_no,
    'standardization',
    coalesce(standard.standardization_level_code, 'none'),
    cast(null as decimal(18, 4)),
    case
        when standard.uscc is null
        then '无有效证书'
        else concat(standard.standardization_level, '，有效期至', cast(standard.standardization_valid_until as varchar))
    end,
    cast(null as varchar)
from policies
left join {{ ref("int_core__standardization") }} as standard on standard.uscc = policies.uscc
union all
select
    policies.policy_no,
    'major_hazard',
    cast(null as varchar),
    cast(coalesce(hazard.major_open, 0) as decimal(18, 4)),
    concat(cast(coalesce(hazard.major_open, 0) as varchar), '条未整改'),
    hazard.major_evidence
from policies
left join hazard on hazard.uscc = policies.uscc
union all
select
    policies.policy_no,
    'overdue_hazard',
    cast(null as varchar),
    cast(coalesce(hazard.overdue, 0) as decimal(18, 4)),
    concat(cast(coalesce(hazard.overdue, 0) as varchar), '条逾期'),
    hazard.overdue_evidence
from policies
left join hazard on hazard.uscc = policies.uscc
union all
select
    policies.policy_no,
    'loss_ratio',
    case when coalesce(loss.earned_yuan, 0) = 0 then 'none' end,
    cast({{ half_up(ratio("loss.incurred_yuan", "loss.earned_yuan"), 4) }} as decimal(18, 4)),
    case
        when coalesce(loss.earned_yuan, 0) = 0
        then '没有已赚保费'
        else concat(cast({{ half_up("100 * " ~ ratio("loss.incurred_yuan", "loss.earned_yuan"), 1) }} as varchar), '%')
    end,
    loss.evidence
from policies
left join loss on loss.entity_id = policies.entity_id
