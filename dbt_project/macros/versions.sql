{#- Versions of a key: which is the latest, which of these stand, and what a build carries over from the last good one
    instead of computing it anew, the latest version of every key of a large feed. `orchestration/dbt/carry_over.py`
    decides which tables are carried, copies them into the new build file and lists in state.unseen_batch what the last
    good build has not seen; the rest is here. -#}
{#- What makes one row later than another of its key, first to last: the feed's own version column, then arrival (batch,
    row in it). Batches count per feed and rows per sheet, so the last two decide what these leave open. -#}
{% macro version_order() -%} {{ return(["_version_at", "_batch_seq", "_row", "_batch_id", "_sheet"]) }} {%- endmacro %}

{#- The latest version of every key: one row per key of a staged relation, with all its columns or with those named (and
    what tells versions, withdrawals and mentions): a large feed is read narrow. -#}
{% macro latest_version(relation, key, columns=none) -%}
    {%- set carried = key + (columns or []) + ["_is_withdrawn", "_mention_key"] + version_order() -%}
    select *
    from
        (
            select
                {{ carried | unique | join(", ") if columns else "*" }},
                row_number() over (
                    partition by {{ key | join(", ") }}
                    order by
                        {% for column in version_order() -%}
                            {{ column }} desc nulls last{{ ", " if not loop.last }}
                        {%- endfor %}
                ) as _version_rank
            from {{ relation }}
        ) as ranked
    where _version_rank = 1
{%- endmacro %}

{#- The latest version of every key whose sender has not withdrawn it (撤销). All versions stay in staging; a later version
    that is not withdrawn brings the key back. -#}
{% macro latest_standing(relation, key, columns=none) -%}
    {{ standing("(" ~ latest_version(relation, key, columns) ~ ")") }}
{%- endmacro %}

{#- Of rows that are the latest of their keys, those not withdrawn: over a table made by `last_sent`, say. -#}
{% macro standing(relation) -%}
    select * from {{ relation }} as latest where not coalesce(_is_withdrawn, 1 = 0)
{%- endmacro %}

{#- One row a key, as it was last sent, withdrawn or not: what `latest_version` gives, kept from build to build.
    A build that finds the table looks at unseen batches alone and exchanges the rows of those keys for which they brought
    something later, in the very order of `latest_version`. That is exact, also for late corrections and days filled in
    afterwards, as long as no batch seen before has changed; where one has, the table is not carried.
    `columns`: of a feed too large to carry all of them, those that models need beside the key.
    Nothing that depends on the day, on seeds or on other models may stand in it (tests/integration/dbt/test_carry_over.py). -#}
{% macro last_sent(relation, key, columns=none) -%}
    {{-
        config(
            materialized="incremental",
            incremental_strategy=exchange_rows(),
            unique_key=key,
            on_schema_change="fail",
        )
    -}}
    {%- if is_incremental() %}
        {%- set unseen = "(select * from " ~ relation ~ " where " ~ is_unseen() ~ ") as unseen" %}
        select sent.*
        from ({{ latest_version(unseen, key, columns) }}) as sent
        left join
            {{ this }} as known
            on {% for column in key %} sent.{{ column }} = known.{{ column }}{{ " and" if not loop.last }} {%- endfor %}
        where known.{{ key[0] }} is null or {{ is_later("sent", "known") }}
    {%- else %} {{ latest_version(relation, key, columns) }}
    {%- endif %}
{%- endmacro %}

{#- Whether a staged row came with a batch that the carried tables have not seen. A list, not a subquery: with it DuckDB
    reads the unseen batches' files and no others. -#}
{% macro is_unseen() -%}
    {%- set found = run_query("select batch_id from state.unseen_batch order by batch_id") -%}
    {%- if found is none or not found.rows -%} 1 = 0
    {%- else -%} _batch_id in ({% for row in found.rows %}'{{ row[0] }}'{{ ", " if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}

{#- Whether row `a` comes before row `b` in the order of `latest_version`: later, with nothing (null) earliest of all. -#}
{% macro is_later(a, b, columns=none) -%}
    {%- set columns = columns or version_order() -%}
    {%- set first, rest = columns[0], columns[1:] -%}
    (
        {{ a }}.{{ first }} > {{ b }}.{{ first }} or ({{ a }}.{{ first }} is not null and {{ b }}.{{ first }} is null)
        {%- if rest %}
            or (
                (
                    {{ a }}.{{ first }} = {{ b }}.{{ first }}
                    or ({{ a }}.{{ first }} is null and {{ b }}.{{ first }} is null)
                )
                and {{ is_later(a, b, rest) }}
            )
        {%- endif %}
    )
{%- endmacro %}

{#- dbt asks this before it builds on what is there. By hand a table is always made anew: only a run that knows what its
    carried tables have seen may build on them. -#}
{% macro should_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or (env_var("JGT_CARRIED", "") if execute else "") != "1") }}
{%- endmacro %}
