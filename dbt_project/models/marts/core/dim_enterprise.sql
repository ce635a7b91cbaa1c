-- One row per legal entity or small place (主体), current state, personal data masked. Places that no register knows
-- stand
-- at the end (is_registered is false): they have their records, and count in no figure of the register.
select
    enterprise.entity_id,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    enterprise.kind as entity_kind,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.street_code,
    enterprise.street_name,
    enterprise.functional_zone_code,
    enterprise.industry_code,
    enterprise.industry_name,
    enterprise.section_code,
    enterprise.section_name,
    enterprise.registered_capital_yuan,
    enterprise.established_on,
    enterprise.status,
    enterprise.is_active,
    enterprise.is_key_supervised,
    enterprise.key_types,
    coalesce(scope.is_compulsory, false) as is_insurance_compulsory,
    enterprise.standardization_level,
    enterprise.standardization_valid_until,
    enterprise.legal_representative_masked,
    credit.colour as credit_colour,
    credit.score as credit_score,
    enterprise.updated_at,
    true as is_registered
from {{ ref("int_core__enterprise") }} as enterprise
left join {{ ref("int_insurance__scope_current") }} as scope on enterprise.entity_id = scope.entity_id
left join {{ ref("int_credit__score_latest") }} as credit on enterprise.entity_id = credit.entity_id
union all
select
    place.entity_id,
    cast(null as varchar),
    place.enterprise_name,
    place.entity_kind,
    place.district_code,
    place.district_name,
    place.street_code,
    place.street_name,
    place.functional_zone_code,
    cast(null as varchar),
    cast(null as varchar),
    cast(null as varchar),
    cast(null as varchar),
    cast(null as decimal(18, 2)),
    cast(null as date),
    cast(null as varchar),
    cast(null as boolean),
    false,
    cast(null as varchar),
    false,
    cast(null as varchar),
    cast(null as date),
    cast(null as varchar),
    cast(null as varchar),
    cast(null as decimal(8, 2)),
    cast(place.first_seen as timestamp),
    false
from {{ ref("int_core__place") }} as place
