-- One row per legal entity or small place (主体), current state, personal data masked.
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
    enterprise.updated_at
from {{ ref("int_core__enterprise") }} as enterprise
left join {{ ref("int_insurance__scope_current") }} as scope on enterprise.entity_id = scope.entity_id
left join {{ ref("int_credit__score_latest") }} as credit on enterprise.entity_id = credit.entity_id
