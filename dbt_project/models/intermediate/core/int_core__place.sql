-- One row per small place (小型场所) that departments write of and no register knows, with its place in the city.
select
    place.entity_id,
    place.name as enterprise_name,
    place.entity_kind,
    place.district_code,
    {{ known_name("district.name", "place.district_code") }} as district_name,
    place.street_code,
    {{ known_name("street.name", "place.street_code") }} as street_name,
    nullif(street.functional_zone_code, '') as functional_zone_code,
    place.first_seen,
    place.departments,
    place.records
from {{ source("entities", "entity_place") }} as place
left join {{ ref("code_district") }} as district on place.district_code = district.code
left join {{ ref("code_street") }} as street on place.street_code = street.code
