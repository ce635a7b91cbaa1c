-- One row per enterprise × reason × list × interval in which it must be insured (应保), under the scope version in use.
-- In scope on D: from ≤ D < until. A changed list is a new row of insurance_scope_version with its own validity, so
-- that former months keep the scope of their time; an enterprise that has closed leaves on the day its register said
-- so.
with
    scope as (
        select
            version.valid_from,
            {{ add_days("version.valid_to", 1) }} as valid_until,
            lists.scope_kind,
            lists.code,
            lists.reason_name,
            lists.reason_order
        from {{ ref("insurance_scope_version") }} as version
        join {{ ref("compulsory_insurance_scope") }} as lists on lists.scope_list = version.scope_list
        where version.scope_version = '{{ var("insurance_scope_version") }}'
    ),

    register as (
        select
            entity_id,
            status,
            _version_at,
            max(case when status = 'active' then _version_at end) over (partition by entity_id) as last_active_at
        from {{ ref("stg_enterprise") }}
    ),

    closed as (
        select entity_id, cast(min(_version_at) as date) as closed_on
        from register
        where status <> 'active' and (last_active_at is null or _version_at > last_active_at)
        group by entity_id
    ),

    enterprises as (
        select
            enterprises.entity_id,
            enterprises.uscc,
            enterprises.industry_code,
            enterprises.established_on,
            case when not enterprises.is_active then closed.closed_on end as closed_on
        from {{ ref("int_core__enterprise") }} as enterprises
        left join closed on closed.entity_id = enterprises.entity_id
        where enterprises.kind = 'enterprise' and (enterprises.is_active or closed.closed_on is not null)
    ),

    both_kinds as (
        select
            enterprises.entity_id,
            enterprises.established_on,
            enterprises.closed_on,
            scope.reason_name,
            scope.reason_order,
            cast(length(scope.code) as bigint) as specificity,
            scope.valid_from as since,
            scope.valid_until as until
        from enterprises
        join
            scope
            on scope.scope_kind = 'industry_prefix'
            and substring(enterprises.industry_code, 1, length(scope.code)) = scope.code
        union all
        select
            enterprises.entity_id,
            enterprises.established_on,
            enterprises.closed_on,
            scope.reason_name,
            scope.reason_order,
            cast(0 as bigint),
            cast(greatest(listed.listed_on, scope.valid_from) as date),
            cast(least(coalesce(listed.delisted_on, scope.valid_until), scope.valid_until) as date)
        from enterprises
        join {{ ref("int_core__key_supervision_latest") }} as listed on listed.uscc = enterprises.uscc
        join scope on scope.scope_kind = 'key_type' and scope.code = listed.key_type
    ),

    bounded as (
        select
            entity_id,
            reason_name,
            reason_order,
            specificity,
            cast(greatest(established_on, since) as date) as in_scope_from,
            cast(least(coalesce(closed_on, until), until) as date) as ends_on
        from both_kinds
    )

select
    entity_id,
    reason_name,
    reason_order,
    specificity,
    in_scope_from,
    -- the last day there is means that no end is known
    case when ends_on < cast('9999-12-31' as date) then ends_on end as in_scope_until
from bounded
where ends_on > in_scope_from
