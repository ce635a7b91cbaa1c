-- One row per reported state of one entry of an enterprise under one key type (重点监管名单); all versions.
select
    list_entry_id,
    uscc,
    enterprise_name,
    key_type,
    listed_on,
    delisted_on,
    updated_at,
    {{ lineage_columns("updated_at") }}
from {{ source("lake", "yjgl__key_supervision_list") }}
