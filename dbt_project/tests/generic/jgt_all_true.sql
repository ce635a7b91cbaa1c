{#- Fails with every row for which the expression is not true; null counts as not true. -#}
{% test jgt_all_true(model, expression, column_name=none) %}
    select * from {{ model }} where not coalesce({{ expression }}, false)
{% endtest %}

{#- Fails with every combination of the columns that occurs more than once: the table's grain. -#}
{% test jgt_grain(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as found
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
