-- One row per area that figures are shown for: the city, its districts, and functional zones.
select
    code as area_code,
    name as area_name,
    short_name,
    level as area_level,
    cast(display_order as bigint) as area_order,
    is_additive = '1' as is_additive
from {{ ref("code_district") }}
where level in ('city', 'district', 'functional_zone')
