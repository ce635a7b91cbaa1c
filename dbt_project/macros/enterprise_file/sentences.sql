{#- 一企一档 (core.rpt_enterprise_file): how its sentences are written and its sources read. What is recorded of an enterprise
    is declared in macros/enterprise_file/events.sql. -#}
{#- A sentence from a template: {column} is its value, {column:name} the Chinese name of its code (未知 with the code behind it), {column:wan} an amount
    in 万元, {column:short} a number without idle zeros; what is missing is 不详. `more` adds a template each where its condition holds. -#}
{% macro file_sentence(holder, template, more=[]) -%}
    concat(
        {{ file_words(holder, template) }}
        {%- for condition, words in more -%}
            , case when {{ condition }} then concat({{ file_words(holder, words) }}) else '' end
        {%- endfor -%}
    )
{%- endmacro %}

{% macro file_words(holder, template) -%}
    {%- set words = [] -%}
    {%- for piece in template.split("{") -%}
        {%- if loop.first -%} {%- do words.append("'" ~ piece ~ "'") -%}
        {%- else -%}
            {%- set slot, rest = piece.split("}") -%}
            {%- set column, shape = slot.split(":") if ":" in slot else (slot, "") -%}
            {%- if shape == "name" -%}
                {%- set unknown = "concat('" ~ var("unknown_name") ~ "（', " ~ column ~ ", '）')" -%}
                {%- set value = code_label(holder, column, column, unknown) -%}
            {%- elif shape == "wan" -%} {%- set value = trimmed(half_up(column ~ " / 10000", 2)) -%}
            {%- elif shape == "short" -%} {%- set value = trimmed(half_up(column, 2)) -%}
            {%- else -%} {%- set value = column -%}
            {%- endif -%}
            {%- do words.append("coalesce(cast(" ~ value ~ " as varchar), '不详')") -%}
            {%- do words.append("'" ~ rest ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ words | join(", ") }}
{%- endmacro %}

{#- A decimal without idle zeros: 12.50 → 12.5, 100.00 → 100. -#}
{% macro trimmed(number) -%} rtrim(rtrim(cast({{ number }} as varchar), '0'), '.') {%- endmacro %}

{#- The latest rows of a source, each with the entity it is about. -#}
{% macro file_rows(source) -%}
    {%- if source.rows -%} {%- set rows = source.rows -%}
    {%- elif source.subject -%}
        {%- set rows = latest_standing(ref("stg_" ~ source.subject), ["department_code", source.id]) -%}
    {%- else -%} {%- set rows = latest_standing(ref("stg_" ~ source.feed.replace(".", "__")), [source.id]) -%}
    {%- endif -%}
    {%- if source.entity -%} select *, {{ source.entity }} as file_entity_id from ({{ rows }}) as latest
    {%- else -%}
        select latest.*, mention.entity_id as file_entity_id
        from ({{ rows }}) as latest
        inner join {{ ref("int_core__mention_entity") }} as mention on latest._mention_key = mention.mention_key
    {%- endif -%}
{%- endmacro %}

{#- One event of a source as rows of the file; with `by`, all rows of an entity and period are one. -#}
{% macro file_event(source, event) -%}
    {%- set kind = enterprise_file_kinds()[event.kind] -%}
    {%- set day = "cast(" ~ event.on ~ " as date)" -%}
    {%- set by = event.by or source.by -%}
    {%- set sentence = file_sentence(source.subject or source.feed, event.what, event.more or []) -%}
    select
        file_entity_id as entity_id,
        {% if by %} max({{ day }})
        {% else %} {{ day }}
        {% endif %} as event_on,
        '{{ event.kind }}' as event_kind,
        '{{ kind[0] }}' as event_kind_name,
        '{{ kind[1] }}' as chapter,
        department_code,
        source_feed,
        {% if by %} cast(cast(date_trunc('{{ by }}', {{ day }}) as date) as varchar)
        {% else %} cast({{ source.id }} as varchar)
        {% endif %} as source_id,
        {{ sentence }} as what_happened,
        cast({{ event.amount or "null" }} as decimal(18, 2)) as amount_yuan,
        {% if by %} count(*)
        {% else %} cast(1 as bigint)
        {% endif %} as source_rows
    from {{ source.name }}
    where
        {{ event.on }} is not null and {{ day }} <= {{ as_of() }}
        {% if event.where %} and ({{ event.where }}) {% endif %}
    {%- if by %} group by file_entity_id, department_code, source_feed, date_trunc('{{ by }}', {{ day }}) {%- endif %}
{%- endmacro %}
