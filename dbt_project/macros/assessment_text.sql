{#- A measured value as a clerk reads it: ratios as percent with one decimal, counts whole, rates per 亿元 with four. -#}
{% macro value_text(value, unit) -%}
    case
        when {{ unit }} = '%'
        then concat(cast({{ half_up("(" ~ value ~ ") * 100", 1) }} as varchar), '%')
        when {{ unit }} in ('人', '起', '家', '件')
        then concat(cast(cast({{ value }} as bigint) as varchar), ' ', {{ unit }})
        else concat(cast({{ half_up(value, 4) }} as varchar), ' ', {{ unit }})
    end
{%- endmacro %}
