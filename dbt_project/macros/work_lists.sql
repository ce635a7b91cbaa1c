{#- The rows of a work list (rpt_…_todo), one select per kind of matter, united. Each of `todos` has SQL of the columns that
    all work lists have: `kind` (a code, not quoted), `name`, `urgency`, `what` to do, `since` when, `department` that must
    act, `key` of the source row; the `relation` it stands in and the condition `where` it is to be done. `more` has the
    columns of this list alone, by name; the enterprise and the district are those of the relation. -#}
{% macro work_list(todos) -%}
    {% for todo in todos %}
        select
            '{{ todo.kind }}' as todo_kind,
            {{ todo.name }} as todo_name,
            {{ todo.urgency }} as urgency,
            {{ todo.what }} as what_to_do,
            cast({{ todo.since }} as date) as since_on,
            {{ todo.department }} as department_code,
            district_code,
            functional_zone_code,
            entity_id,
            uscc,
            enterprise_name,
            {% for column, expression in todo.more.items() %} {{ expression }} as {{ column }}, {% endfor %}
            {{ todo.key }} as source_key
        from {{ todo.relation }}
        where {{ todo.where }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{%- endmacro %}
