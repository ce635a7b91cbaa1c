-- One row per self-check (企业自查) of an enterprise, latest state, with the entity that it means.
select
    latest.check_id,
    latest.uscc,
    entity.entity_id,
    latest.checked_on,
    latest.hazards_found,
    latest.major_hazards_found,
    latest.hazards_rectified
from ({{ standing(ref("int_inspection__self_check_last_sent")) }}) as latest
left join {{ ref("int_core__mention_entity") }} as entity on latest._mention_key = entity.mention_key
