-- One row per mention (提法: the name, codes and address under which records know an enterprise) that is linked, with the
-- entity it means. Records find their enterprise here by _mention_key, whether they carry a code or a name alone.
-- Street and zone are given for links by unified code only: the figures of an area rest on what was reported or on a
-- code, never on a likeness.
with
    entity as (
        select
            entity_id,
            uscc,
            name as enterprise_name,
            kind,
            district_code,
            street_code,
            functional_zone_code,
            industry_code,
            section_code,
            is_active
        from {{ ref("int_core__enterprise") }}
        union all
        select
            entity_id,
            cast(null as varchar),
            enterprise_name,
            entity_kind,
            district_code,
            street_code,
            functional_zone_code,
            cast(null as varchar),
            cast(null as varchar),
            cast(null as boolean)
        from {{ ref("int_core__place") }}
    )

select
    link.mention_key,
    link.method,
    link.score,
    link.decided_by,
    entity.entity_id,
    entity.uscc,
    entity.enterprise_name,
    entity.kind,
    entity.district_code,
    case when link.method = 'uscc' then entity.street_code end as street_code,
    case when link.method = 'uscc' then entity.functional_zone_code end as functional_zone_code,
    entity.industry_code,
    entity.section_code,
    entity.is_active
from {{ ref("stg_entities__link") }} as link
inner join entity on link.entity_id = entity.entity_id
where link.outcome = 'linked'
