-- One row per reported state of one prevention service (事故预防服务); all versions.
select
    service_id,
    policy_no,
    uscc,
    served_on,
    service_kind,
    provider,
    hazards_found,
    hazards_rectified,
    cost_yuan,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "jrjg__prevention_service") }}
