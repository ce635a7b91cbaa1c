-- One row per policy whose shares cannot be used as they were sent: the co-insurers' work list.
with
    latest as ({{ latest_standing(ref("stg_jrjg__policy_share"), ["share_id"]) }}),

    told as (
        select
            policy_no,
            count(*) as members,
            sum(share_percent) as share_total_percent,
            sum(case when is_lead then 1 else 0 end) as leads,
            max(case when is_lead then insurer end) as lead_insurer,
            {{ sorted_list("concat(insurer, ' ', cast(share_percent as varchar), '%')") }} as shares,
            max(_version_at) as last_told_at
        from latest
        group by policy_no
    ),

    judged as (
        select
            policy.*,
            told.members,
            told.share_total_percent,
            told.shares,
            told.last_told_at,
            case
                when told.policy_no is null
                then 'missing'
                when told.share_total_percent < 100
                then 'short'
                when told.share_total_percent > 100
                then 'over'
                when told.leads <> 1 or told.lead_insurer <> policy.insurer
                then 'lead'
            end as issue_code
        from {{ ref("int_insurance__policy") }} as policy
        left join told on told.policy_no = policy.policy_no
    )

select
    policy_no,
    uscc,
    entity_id,
    enterprise_name,
    district_code,
    district_name,
    functional_zone_code,
    insurer,
    issue_code,
    case
        issue_code
        when 'missing'
        then '没有报送份额'
        when 'short'
        then '份额合计不足100%'
        when 'over'
        then '份额合计超过100%'
        else '主承保公司不一致'
    end as issue_name,
    cast(coalesce(members, 0) as bigint) as members,
    cast(share_total_percent as decimal(9, 2)) as share_total_percent,
    cast(share_total_percent - 100 as decimal(9, 2)) as difference_percent,
    shares,
    cast(last_told_at as date) as since_on,
    premium_signed_yuan,
    case when issue_code = 'lead' then '请主承保公司核对保单与份额表中的主承保公司' else '请主承保公司核对份额并重报；更正前整张保单计入主承保公司' end as what_to_do,
    {{ as_of() }} as as_of
from judged
where issue_code is not null
