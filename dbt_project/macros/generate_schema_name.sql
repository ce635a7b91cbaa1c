{#- Schemas are exactly the configured names (core, accident, …), never prefixed with the target's own. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
