-- One row per street or town (街镇).
select code as street_code, name as street_name, district_code, nullif(functional_zone_code, '') as functional_zone_code
from {{ ref("code_street") }}
