{#- The day on which a hazard (隐患) was rectified as it stands on the data's day: what a recheck then found not in place
    (复查不到位) is not rectified, unless it was rectified again after that recheck. The one definition: the inspection
    mart, credit and the enterprise's file ask it. -#}
{% macro standing_rectification(hazard) -%}
    case when {{ recheck_failed(hazard) }} then null else {{ hazard }}.rectified_on end
{%- endmacro %}

{#- The last recheck that is known of said 整改不到位, and nothing was rectified since. -#}
{% macro recheck_failed(hazard) -%}
    (
        coalesce({{ hazard }}.recheck_result = 'failed', 1 = 0)
        and coalesce({{ hazard }}.rechecked_on <= {{ as_of() }}, 1 = 1)
        and coalesce({{ hazard }}.rechecked_on >= {{ hazard }}.rectified_on, 1 = 1)
    )
{%- endmacro %}

{#- How a suspension (停产停业整顿) stands on the data's day; null where there is none. 止 is its last day: whoever is not
    said to have resumed after it is neither suspended nor resumed, but to be looked at. -#}
{% macro suspension_state(case) -%}
    case
        when {{ case }}.suspension_from is null
        then
            case
                when {{ case }}.penalty_kind = 'suspension' and {{ case }}.decided_on is not null then 'term_unknown'
            end
        when {{ case }}.closed_down_on <= {{ as_of() }}
        then 'closed_down'
        when {{ case }}.resumed_on <= {{ as_of() }}
        then 'resumed'
        when {{ case }}.suspension_from > {{ as_of() }}
        then 'ahead'
        when {{ case }}.suspension_until < {{ as_of() }}
        then 'expired'
        else 'in_force'
    end
{%- endmacro %}

{% macro suspension_state_name(state) -%}
    case
        {{ state }}
        when 'term_unknown'
        then '起止未报'
        when 'closed_down'
        then '已关闭'
        when 'resumed'
        then '已恢复'
        when 'ahead'
        then '尚未开始'
        when 'expired'
        then '已到期待核'
        when 'in_force'
        then '停产停业中'
    end
{%- endmacro %}

{#- Inspections and cases by the area they belong to and the industry section of their enterprise (未知 where it is not
    known): CTEs inspection_area and penalty_area of the enforcement statistics, with the days they go by. -#}
{% macro enforcement_by_area_and_section() -%}
    industry as (select entity_id, section_code from {{ ref("int_core__enterprise") }} where section_code is not null),

    inspected as (
        select
            inspection.inspected_on,
            inspection.district_code,
            inspection.functional_zone_code,
            coalesce(industry.section_code, '未知') as section_code,
            inspection.entity_id,
            inspection.document_no
        from {{ ref("fct_inspection") }} as inspection
        left join industry on inspection.entity_id = industry.entity_id
    ),

    penalised as (
        select
            penalty.decided_on,
            penalty.closure_proposed_on,
            penalty.district_code,
            penalty.functional_zone_code,
            coalesce(industry.section_code, '未知') as section_code,
            penalty.is_suspension,
            penalty.is_accident_penalty,
            penalty.fine_yuan,
            penalty.confiscated_yuan
        from {{ ref("fct_case") }} as penalty
        left join industry on penalty.entity_id = industry.entity_id
    ),

    inspection_area as ({{ by_area("inspected", ["inspected_on", "section_code", "entity_id", "document_no"]) }}),

    penalty_area as (
        {{
            by_area(
                "penalised",
                [
                    "decided_on",
                    "closure_proposed_on",
                    "section_code",
                    "is_suspension",
                    "is_accident_penalty",
                    "fine_yuan",
                    "confiscated_yuan",
                ],
            )
        }}
    )
{%- endmacro %}

{#- Whom and where a penalty case concerns, the columns of fct_case, fct_penalty and fct_penalty_payment alike; `penalty` is
    the case, and `join_penalty_place` gives the rest. The functional zone is that of the enterprise's street, where it is
    registered in the case's district. -#}
{% macro penalty_place() -%}
    penalty.district_code,
    {{ known_name("district.area_name", "penalty.district_code") }} as district_name,
    case
        when enterprise.district_code = penalty.district_code then enterprise.functional_zone_code
    end as functional_zone_code,
    penalty.uscc,
    enterprise.entity_id,
    penalty.enterprise_name
{%- endmacro %}

{% macro join_penalty_place() -%}
    left join {{ ref("int_core__mention_entity") }} as enterprise on penalty._mention_key = enterprise.mention_key
    left join {{ ref("dim_district") }} as district on penalty.district_code = district.area_code
{%- endmacro %}

{#- The rule of how long a case may take to its decision (行政处罚法第六十条), as in force on the day it was filed. -#}
{% macro join_decision_limit() -%}
    left join
        {{ ref("enforcement_limit") }} as time_limit
        on time_limit.limit_code = 'decide_case'
        and penalty.filed_on between time_limit.valid_from and time_limit.valid_to
{%- endmacro %}
