-- One row per enterprise ever active: from when to when it is scored. An enterprise that has closed stays in the months
-- before, so that neither the history nor what a colour foretold is told by survivors alone.
-- The first version after its last active one says when it closed. Place and zone are those of its latest registration.
with
    versions as (
        select entity_id, status, cast(_version_at as date) as known_on, _version_at from {{ ref("stg_enterprise") }}
    ),

    last_active as (
        select entity_id, max(_version_at) as active_at from versions where status = 'active' group by entity_id
    ),

    closed as (
        select versions.entity_id, min(versions.known_on) as closed_on
        from versions
        left join last_active on last_active.entity_id = versions.entity_id
        where
            versions.status <> 'active'
            and (last_active.active_at is null or versions._version_at > last_active.active_at)
        group by versions.entity_id
    )

select
    enterprises.entity_id,
    enterprises.uscc,
    enterprises.district_code,
    enterprises.functional_zone_code,
    enterprises.established_on as scored_from,
    case when not enterprises.is_active then closed.closed_on end as scored_until
from {{ ref("int_core__enterprise") }} as enterprises
left join closed on closed.entity_id = enterprises.entity_id
where enterprises.kind = 'enterprise' and (enterprises.is_active or closed.closed_on > enterprises.established_on)
