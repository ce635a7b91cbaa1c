-- One row per legal entity or small place (主体), latest registration, with its place, industry and key types on as_of.
-- Everything else finds an enterprise here; core.dim_enterprise adds what insurance and credit know. A class that is
-- not on the industry list still has the section of its division (its first two digits).
with
    registered as ({{ latest_version(ref("stg_enterprise"), ["entity_id"]) }}),

    key_type as (
        select uscc, {{ sorted_list("key_type_name") }} as key_types
        from {{ ref("int_core__key_supervision_latest") }}
        where is_listed
        group by uscc
    )

select
    registered.entity_id,
    registered.uscc,
    registered.name,
    registered.entity_kind as kind,
    registered.district_code,
    {{ known_name("district.name", "registered.district_code") }} as district_name,
    registered.street_code,
    {{ known_name("street.name", "registered.street_code") }} as street_name,
    nullif(street.functional_zone_code, '') as functional_zone_code,
    registered.industry_code,
    {{ known_name("industry.name", "registered.industry_code") }} as industry_name,
    coalesce(industry.section_code, division.section_code) as section_code,
    {{ known_name("section.name", "registered.industry_code") }} as section_name,
    coalesce(nullif(industry.division_code, ''), substring(registered.industry_code, 1, 2)) as division_code,
    registered.registered_capital_yuan,
    registered.established_on,
    registered.status,
    registered.status = 'active' as is_active,
    key_type.uscc is not null as is_key_supervised,
    key_type.key_types,
    standardization.standardization_level,
    standardization.standardization_valid_until,
    case
        when registered.legal_representative <> '' then concat(substring(registered.legal_representative, 1, 1), '**')
    end as legal_representative_masked,
    registered.updated_at
from registered
left join {{ ref("code_district") }} as district on registered.district_code = district.code
left join {{ ref("code_street") }} as street on registered.street_code = street.code
left join {{ ref("code_industry") }} as industry on registered.industry_code = industry.code
left join
    {{ ref("code_industry") }} as division
    on substring(registered.industry_code, 1, 2) = division.code
    and division.level = 'division'
left join
    {{ ref("code_industry") }} as section
    on coalesce(industry.section_code, division.section_code) = section.code
    and section.level = 'section'
left join key_type on registered.uscc = key_type.uscc
left join {{ ref("int_core__standardization") }} as standardization on registered.uscc = standardization.uscc
