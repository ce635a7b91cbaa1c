-- One row per entity and state of its registration (主体每次变更后的登记状态): what was known of it, from when to when.
-- As known on date D: cast(valid_from as date) <= D and (valid_to is null or cast(valid_to as date) > D). Reports that
-- change nothing make no row; of two reports of one moment the later arrival counts.
{%- set tracked = {
    "uscc": "统一社会信用代码",
    "name": "名称",
    "entity_kind": "主体类型",
    "legal_representative": "法定代表人",
    "district_code": "所在区",
    "street_code": "街镇",
    "address": "住所",
    "industry_code": "行业",
    "registered_capital_yuan": "注册资本",
    "status": "登记状态",
} %}
with
    reported as (
        select
            *,
            row_number() over (
                partition by entity_id, _version_at
                order by
                    _batch_seq desc nulls last, _row desc nulls last, _batch_id desc nulls last, _sheet desc nulls last
            ) as _arrival_rank
        from {{ ref("stg_enterprise") }}
        where _version_at is not null
    ),

    compared as (
        select
            *,
            row_number() over reports = 1 as is_first
            {% for column in tracked %}, lag({{ column }}) over reports as former_{{ column }} {% endfor %}
        from reported
        where _arrival_rank = 1
        window reports as (partition by entity_id order by _version_at asc nulls last)
    ),

    state as (
        select
            *,
            concat(
                {% for column, label in tracked.items() %}
                    case when {{ column }} is distinct from former_{{ column }} then '、{{ label }}' else '' end
                    {%- if not loop.last %},{% endif %}
                {% endfor %}
            ) as changes,
            row_number() over states as state_number,
            lead(_version_at) over states as valid_to
        from compared
        where is_first {% for column in tracked %} or {{ column }} is distinct from former_{{ column }} {% endfor %}
        window states as (partition by entity_id order by _version_at asc nulls last)
    )

select
    concat(state.entity_id, ':', cast(state.state_number as varchar)) as state_key,
    state.entity_id,
    state.state_number,
    state._version_at as valid_from,
    state.valid_to,
    state.valid_to is null as is_current,
    case when not state.is_first then substring(state.changes, 2) end as changes,
    state.uscc,
    state.name as enterprise_name,
    case when not state.is_first then state.former_name end as former_name,
    state.entity_kind,
    {{ code_label("enterprise", "entity_kind", "state.entity_kind") }} as entity_kind_name,
    state.district_code,
    {{ known_name("district.name", "state.district_code") }} as district_name,
    state.street_code,
    {{ known_name("street.name", "state.street_code") }} as street_name,
    nullif(street.functional_zone_code, '') as functional_zone_code,
    state.industry_code,
    {{ known_name("industry.name", "state.industry_code") }} as industry_name,
    state.registered_capital_yuan,
    state.established_on,
    state.status,
    {{ code_label("enterprise", "status", "state.status") }} as status_name,
    state.status = 'active' as is_active,
    case
        when state.legal_representative <> '' then concat(substring(state.legal_representative, 1, 1), '**')
    end as legal_representative_masked,
    state.source_feed,
    state._file as source_file,
    state._row as source_row
from state
left join {{ ref("code_district") }} as district on state.district_code = district.code
left join {{ ref("code_street") }} as street on state.street_code = street.code
left join {{ ref("code_industry") }} as industry on state.industry_code = industry.code
