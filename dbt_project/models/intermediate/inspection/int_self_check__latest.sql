-- One row per self-check (企业自查) of an enterprise, latest state, with the entity that it means. Six million rows in a
-- whole city, so only what a mart needs is carried along.
with
    latest as (
        {{
            latest_standing(
                "(select check_id, uscc, checked_on, hazards_found, major_hazards_found, hazards_rectified, "
                ~ "_is_withdrawn, _mention_key, _version_at, _batch_seq, _row from "
                ~ ref("stg_yjgl__self_check")
                ~ ") as narrow",
                ["check_id"],
            )
        }}
    )

select
    latest.check_id,
    latest.uscc,
    entity.entity_id,
    latest.checked_on,
    latest.hazards_found,
    latest.major_hazards_found,
    latest.hazards_rectified
from latest
left join {{ ref("int_core__mention_entity") }} as entity on latest._mention_key = entity.mention_key
