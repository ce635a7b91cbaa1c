-- One row per reported state of one entry of a red or black list (红黑名单); all versions.
select
    entry_id,
    uscc,
    enterprise_name,
    list_kind,
    basis,
    decided_by,
    listed_on,
    valid_until,
    removed_on,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "fgw__credit_list") }}
