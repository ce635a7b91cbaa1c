{#- The grade (事故等级) of every row of a relation under the rule in force on the day the accident occurred.
    The worst of three tests wins; 以上 includes the bound; a figure that is not reported does not raise the grade.
    Source: 国务院令第493号第三条 (seed accident_grade). The relation has occurred_on, deaths, serious_injuries and
    direct_loss_yuan; the result has the key and grade_code, grade_name, grade_order, grade_rule_version. -#}
{% macro graded(relation, key) -%}
    {%- set keys = [] -%}
    {%- for column in key -%} {%- do keys.append("event." ~ column) -%} {%- endfor -%}
    select
        {%- for column in key %} worst.{{ column }}, {%- endfor %}
        rule.grade_code,
        rule.grade_name,
        worst.severity_order as grade_order,
        worst.rule_version as grade_rule_version
    from
        (
            select {{ keys | join(", ") }}, rule.rule_version, min(rule.severity_order) as severity_order
            from {{ relation }} as event
            inner join
                {{ ref("accident_grade") }} as rule
                on event.occurred_on >= rule.valid_from
                and event.occurred_on <= rule.valid_to
                and (
                    coalesce(event.deaths, 0) >= rule.deaths_at_least
                    or coalesce(event.serious_injuries, 0) >= rule.serious_injuries_at_least
                    or coalesce(event.direct_loss_yuan, 0) >= rule.direct_loss_yuan_at_least
                )
            group by {{ keys | join(", ") }}, rule.rule_version
        ) as worst
    inner join
        {{ ref("accident_grade") }} as rule
        on worst.rule_version = rule.rule_version
        and worst.severity_order = rule.severity_order
{%- endmacro %}

{#- Why a reported accident is not counted; null where it counts. 核销 marks, it never deletes.
    Source: 安监总厅统计〔2016〕80号 (domain.md §2.2). -#}
{% macro accident_exclusion() -%}
    case
        when record_status = 'written_off'
        then 'written_off'
        when not coalesce(is_production_related, 1 = 0)
        then 'not_production'
        when trim(exclusion_reason) <> ''
        then 'excluded'
    end
{%- endmacro %}
