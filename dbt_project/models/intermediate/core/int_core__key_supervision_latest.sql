-- One row per entry of the key supervision list (重点监管名单), latest state; is_listed tells whether it counts on as_of.
select
    list_entry_id,
    uscc,
    enterprise_name,
    key_type,
    {{ code_label("yjgl.key_supervision_list", "key_type", "key_type") }} as key_type_name,
    listed_on,
    delisted_on,
    listed_on <= {{ as_of() }} and (delisted_on is null or delisted_on > {{ as_of() }}) as is_listed
from ({{ latest_version(ref("stg_yjgl__key_supervision_list"), ["list_entry_id"]) }}) as latest
