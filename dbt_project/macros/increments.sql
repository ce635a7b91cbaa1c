{#- What a build carries over from the last good one instead of computing it anew: the latest version of every key of a
    large feed. `orchestration/dbt/carry_over.py` decides which tables are carried, copies them into the new build file and
    lists in state.unseen_batch what the last good build has not seen; the rest is here. -#}
{#- One row a key, as it was last sent, withdrawn or not: what `latest_version` gives, kept from build to build.
    A build that finds the table looks at unseen batches alone and exchanges the rows of those keys for which they brought
    something later, in the very order of `latest_version`. That is exact, also for late corrections and days filled in
    afterwards, as long as no batch seen before has changed; where one has, the table is not carried.
    `columns`: of a feed too large to carry all of them, those that models need beside the key.
    Nothing that depends on the day, on seeds or on other models may stand in it (tests/unit/test_increments.py). -#}
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
{% macro should_full_refresh() -%} {{ return(flags.FULL_REFRESH or env_var("JGT_CARRIED", "") != "1") }} {%- endmacro %}
