-- One row per pair of a mention (提法) and an entity that a steward decides or may look at: the queue of `jgt match`.
-- Addresses, and who decided, stay out of what is published: `jgt match show` has them.
select
    candidate.candidate_id,
    link.enterprise_name as mention_name,
    link.uscc as mention_uscc,
    link.district_code,
    district.name as district_name,
    link.departments,
    link.first_seen,
    candidate.mentions,
    candidate.entity_id,
    entity.name as candidate_name,
    entity.uscc as candidate_uscc,
    entity.is_active as is_candidate_active,
    candidate.score,
    candidate.name_score,
    candidate.address_score,
    candidate.evidence,
    candidate.reason,
    reason.label as reason_name,
    candidate.state,
    case
        candidate.state
        when 'open'
        then '待认定'
        when 'accepted'
        then '已认定'
        when 'rejected'
        then '已否定'
        when 'auto'
        then '自动对上'
    end as state_name,
    cast(candidate.decided_at as date) as decided_on,
    candidate.rules_version
from {{ source("entities", "entity_candidate") }} as candidate
inner join {{ ref("stg_entities__link") }} as link on candidate.mention_key = link.mention_key
left join {{ ref("int_core__enterprise") }} as entity on candidate.entity_id = entity.entity_id
left join {{ ref("code_district") }} as district on link.district_code = district.code
left join {{ ref("contract_match_reason") }} as reason on candidate.reason = reason.code
