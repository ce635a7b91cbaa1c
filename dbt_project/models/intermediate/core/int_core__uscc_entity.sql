-- One row per uscc: the entity that a department's record with this code means (active first, then latest).
-- Small places have no code and so are not here.
select *
from
    (
        select
            uscc,
            entity_id,
            name as enterprise_name,
            kind,
            district_code,
            district_name,
            street_code,
            street_name,
            functional_zone_code,
            industry_code,
            section_code,
            is_active,
            row_number() over (
                partition by uscc
                order by is_active desc nulls last, updated_at desc nulls last, entity_id asc nulls last
            ) as preference
        from {{ ref("int_core__enterprise") }}
        where uscc is not null
    ) as ranked
where preference = 1
