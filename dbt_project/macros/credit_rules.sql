{#- Names of the credit ledger's kinds of event: what we call them, not codes that a department sends. -#}
{% macro credit_event_kind_name(kind) -%}
    case
        {{ kind }}
        when 'penalty'
        then '行政处罚'
        when 'major_hazard'
        then '重大隐患'
        when 'hazard_overdue'
        then '隐患逾期'
        when 'accident'
        then '事故'
        when 'accident_concealed'
        then '瞒报事故'
        when 'blacklist'
        then '严重失信名单'
        when 'redlist'
        then '守信红名单'
        when 'list_unknown'
        then '名单（类型未知）'
        when 'repair'
        then '信用修复'
        when 'commitment'
        then '信用承诺'
        when 'standardisation'
        then '标准化达标'
        when 'standardisation_revoked'
        then '标准化撤销'
        when 'self_check'
        then '企业自查'
        when 'risk_report'
        then '风险报告'
        when 'tip'
        then '举报查实'
    end
{%- endmacro %}

{#- What an event is called where the rule set gives it neither points nor a colour. -#}
{% macro credit_event_name(kind, category) -%}
    case
        when {{ kind }} = 'blacklist'
        then '列入严重失信主体名单'
        when {{ kind }} = 'redlist'
        then '列入守信红名单'
        when {{ kind }} = 'repair'
        then '准予信用修复'
        when {{ kind }} = 'commitment' and {{ category }} = 'fulfilled'
        then '信用承诺已履行'
        when {{ kind }} = 'commitment'
        then '违反信用承诺'
        when {{ kind }} = 'risk_report' and {{ category }} = 'on_time'
        then '风险报告按期报送'
        else concat({{ credit_event_kind_name(kind) }}, '（不计分）')
    end
{%- endmacro %}

{#- A listed subject as a clerk is shown it: a unit by its name, a person by surname, unit and post. -#}
{% macro listed_subject() -%}
    case
        when subject_kind = 'person'
        then concat(subject_name, '（', concat_ws(' ', employer_name, post_name), '）')
        else subject_name
    end
{%- endmacro %}
