{#- All feeds of one known subject in one shape, all versions of every row.
    What maps to what is in the contracts (generated macro feed_maps); a column that a feed does not have is a typed
    null. Added: source_feed, department_code, _is_withdrawn (撤销: what the contract says marks it), _mention_key (whom the
    row means: joins int_core__mention_entity), _version_at (the feed's version column) and the lineage of the lake. -#}
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
            {{ feed.withdrawn }} as _is_withdrawn,
            {{ mention_key(feed.feed) }} as _mention_key,
            {{ lineage_columns(feed.version_column) }}
        from {{ source("lake", feed.table) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- else %}
        select
            {%- for name, type in columns.items() %} cast(null as {{ type }}) as {{ name }},
            {%- endfor %}
            cast(null as varchar) as source_feed,
            cast(null as varchar) as department_code,
            cast(null as boolean) as _is_withdrawn,
            cast(null as varchar) as _mention_key,
            {{ no_lineage_columns() }}
        where 1 = 0
    {%- endfor %}
{%- endmacro %}

{#- A feed with a shape of its own: its contract's columns, all versions of every row. Personal columns stay in the lake:
    what no mart may show is not carried along. -#}
{% macro stage_feed(feed_id) -%}
    {%- set feed = feed_columns()[feed_id] %}
    select
        {%- for name, code in feed.columns.items() %}
            {%- if code == name %} {{ name }}, {%- else %} {{ code }} as {{ name }}, {%- endif %}
        {%- endfor %}
        '{{ feed_id }}' as source_feed,
        '{{ feed.department }}' as department_code,
        {{ feed_withdrawals().get(feed_id, "1 = 0") }} as _is_withdrawn,
        {{ mention_key(feed_id) }} as _mention_key,
        {{ lineage_columns(feed.version_column) }}
    from {{ source("lake", feed.table) }}
{%- endmacro %}

{#- Whom a row of a feed mentions, as a key; null where it names nobody. The matcher (ingest/matching) has the same. -#}
{% macro mention_key(feed_id) -%} {{ return(feed_mentions().get(feed_id, "cast(null as varchar)")) }} {%- endmacro %}

{#- The lineage every staged row carries, with the feed's version column as a timestamp. -#}
{% macro lineage_columns(version_column) -%}
    cast({{ version_column or "_received_on" }} as timestamp) as _version_at, _batch_id, _batch_seq, _file, _sheet, _row
{%- endmacro %}

{#- The same columns where there is no row to take them from. -#}
{% macro no_lineage_columns() -%}
    cast(null as timestamp) as _version_at,
    cast(null as varchar) as _batch_id,
    cast(null as bigint) as _batch_seq,
    cast(null as varchar) as _file,
    cast(null as varchar) as _sheet,
    cast(null as bigint) as _row
{%- endmacro %}

{#- Chinese name of a stored code, from the contract's enum; 未知 for a code that is not on it, null for none. `holder` is
    a subject or a feed id; `unknown`: what an unlisted code is called where it does not stand beside its name. -#}
{% macro code_label(holder, column, expression, unknown=none) -%}
    {%- set labels = code_labels().get(holder, {}).get(column, {}) -%}
    {%- if not labels -%} {{ return(known_name("cast(null as varchar)", expression)) }} {%- endif -%}
    case
        {%- for code, label in labels.items() %} when {{ expression }} = '{{ code }}' then '{{ label }}'{% endfor %}
        when {{ expression }} is not null
        then {{ unknown or "'" ~ var("unknown_name") ~ "'" }}
    end
{%- endmacro %}

{#- The same for a column that some departments send as codes and others in their own words: what a feed without a list
    sends stays as sent; `source_feed` says whose row it is. -#}
{% macro code_label_or_text(holder, column, expression, source_feed) -%}
    {%- set labels = code_labels().get(holder, {}).get(column, {}) -%}
    {%- set listed = [] -%}
    {%- for feed in feed_maps()[holder] if column in feed.columns -%}
        {%- for own in coded_columns().get(feed.feed, []) if own.name == feed.columns[column] -%}
            {%- do listed.append(feed.feed) -%}
        {%- endfor -%}
    {%- endfor -%}
    case
        {%- for code, label in labels.items() %} when {{ expression }} = '{{ code }}' then '{{ label }}'{% endfor %}
        {%- if listed %}
            when {{ expression }} is not null and {{ source_feed }} in ('{{ listed | join("', '") }}')
            then '{{ var("unknown_name") }}'
        {%- endif %}
        else {{ expression }}
    end
{%- endmacro %}

{#- Whether a code was sent that is not on its list; false where none was sent. -#}
{% macro is_unknown_code(holder, column, expression) -%}
    coalesce({{ expression }} not in ('{{ code_labels()[holder][column].keys() | join("', '") }}'), false)
{%- endmacro %}

{#- The name that a left join on a list found; 未知 for a code that is not on it; null where no code was sent. The code
    itself is selected beside it, and quality.rpt_unknown_code counts it. -#}
{% macro known_name(name, code) -%}
    case when {{ code }} is not null then coalesce({{ name }}, '{{ var("unknown_name") }}') end
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

{#- What a column holds that is not on its list, as text; null for what is. `column` is one of coded_columns(). -#}
{% macro unknown_code(column) -%}
    case
        when cast({{ column.name }} as varchar) not in ('{{ column.codes | join("', '") }}')
        then cast({{ column.name }} as varchar)
    end
{%- endmacro %}
