-- One row per reported state of one certificate (标准化证书); all versions.
select
    certificate_no,
    uscc,
    enterprise_name,
    level,
    granted_on,
    valid_until,
    revoked_on,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "yjgl__standardization") }}
