-- One row per enterprise × reason × interval in which it must be insured (应保). In scope on D: from ≤ D < until.
-- A changed list is a new seed row with its own validity, so that former months keep the scope of their time.
with
    enterprises as (
        select entity_id, uscc, industry_code, established_on
        from {{ ref("int_core__enterprise") }}
        where kind = 'enterprise' and is_active
    ),

    by_industry as (
        select
            enterprises.entity_id,
            enterprises.established_on,
            scope.reason_name,
            scope.reason_order,
            cast(length(scope.code) as bigint) as specificity,
            scope.valid_from as since,
            {{ add_days("scope.valid_to", 1) }} as until
        from enterprises
        join
            {{ ref("compulsory_insurance_scope") }} as scope
            on scope.scope_kind = 'industry_prefix'
            and substring(enterprises.industry_code, 1, length(scope.code)) = scope.code
    ),

    by_key_type as (
        select
            enterprises.entity_id,
            enterprises.established_on,
            scope.reason_name,
            scope.reason_order,
            cast(0 as bigint) as specificity,
            cast(greatest(listed.listed_on, scope.valid_from) as date) as since,
            cast(
                least(
                    coalesce(listed.delisted_on, {{ add_days("scope.valid_to", 1) }}),
                    coalesce({{ add_days("scope.valid_to", 1) }}, listed.delisted_on)
                ) as date
            ) as until
        from enterprises
        join {{ ref("int_key_supervision__latest") }} as listed on listed.uscc = enterprises.uscc
        join
            {{ ref("compulsory_insurance_scope") }} as scope
            on scope.scope_kind = 'key_type'
            and scope.code = listed.key_type
    ),

    both_kinds as (
        select *
        from by_industry
        union all
        select *
        from by_key_type
    )

select
    entity_id,
    reason_name,
    reason_order,
    specificity,
    cast(greatest(established_on, since) as date) as in_scope_from,
    until as in_scope_until
from both_kinds
where until is null or until > greatest(established_on, since)
