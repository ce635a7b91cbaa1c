{#- All feeds of one known subject in one shape, all versions of every row.
    What maps to what is in the contracts (generated macro feed_maps); a column that a feed does not have is a typed
    null. Added: source_feed, department_code, _version_at (the feed's version column) and the lineage of the lake. -#}
{% macro unite_subject(subject) -%}
    {%- set columns = subject_columns(subject) -%}
    {%- for feed in feed_maps()[subject] %}
        select
            {%- for name, type in columns.items() %}
                {%- if name in feed.columns %} cast({{ feed.columns[name] }} as {{ type }}) as {{ name }},
                {%- elif name in feed.constants %} cast({{ feed.constants[name] }} as {{ type }}) as {{ name }},
                {%- else %} cast(null as {{ type }}) as {{ name }},
                {%- endif %}
            {%- endfor %}
            '{{ feed.feed }}' as source_feed,
            '{{ feed.department }}' as department_code,
            {{ lineage_columns(feed.version_column) }}
        from {{ source("lake", feed.table) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{#- The lineage every staged row carries, with the feed's version column as a timestamp. -#}
{% macro lineage_columns(version_column) -%}
    cast({{ version_column or "_received_on" }} as timestamp) as _version_at, _batch_id, _batch_seq, _file, _row
{%- endmacro %}

{#- Chinese name of a stored code, from the contract's enum. `holder` is a subject or a feed id. -#}
{% macro code_label(holder, column, expression) -%}
    {%- set labels = code_labels()[holder][column] -%}
    case {{ expression }} {%- for code, label in labels.items() %} when '{{ code }}' then '{{ label }}'{% endfor %} end
{%- endmacro %}

{#- The departments that send any of the given subjects, in display order. -#}
{% macro subject_departments(subjects) -%}
    {%- set found = [] -%}
    {%- for subject in subjects -%}
        {%- for feed in feed_maps()[subject] if feed.department not in found -%}
            {%- do found.append(feed.department) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
