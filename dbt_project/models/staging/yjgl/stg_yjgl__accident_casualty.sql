-- One row per reported state of one casualty (伤亡人员); personal columns stay in the lake; all versions.
select
    casualty_id,
    accident_id,
    gender,
    age_years,
    occupation,
    injury,
    died_on,
    was_trained,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "yjgl__accident_casualty") }}
