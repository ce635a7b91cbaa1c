{#- Everything that differs between the engines, in one file. A model never writes these by hand.
    default__ is DuckDB (and mostly ANSI); spark__ is Spark 3.5 with ANSI mode off. -#}
{% macro add_days(expression, days) -%}
    {{ return(adapter.dispatch("add_days", "jgt")(expression, days)) }}
{%- endmacro %}
{% macro default__add_days(expression, days) -%}
    cast({{ expression }} + {{ days }} * interval '1' day as date)
{%- endmacro %}
{% macro spark__add_days(expression, days) -%} date_add({{ expression }}, cast({{ days }} as int)) {%- endmacro %}

{% macro add_hours(expression, hours) -%}
    {{ return(adapter.dispatch("add_hours", "jgt")(expression, hours)) }}
{%- endmacro %}
{% macro default__add_hours(expression, hours) -%} ({{ expression }} + {{ hours }} * interval '1' hour) {%- endmacro %}
{% macro spark__add_hours(expression, hours) -%}
    ({{ expression }} + make_interval(0, 0, 0, 0, cast({{ hours }} as int)))
{%- endmacro %}

{% macro add_months(expression, months) -%}
    {{ return(adapter.dispatch("add_months", "jgt")(expression, months)) }}
{%- endmacro %}
{% macro default__add_months(expression, months) -%}
    cast({{ expression }} + {{ months }} * interval '1' month as date)
{%- endmacro %}
{% macro spark__add_months(expression, months) -%}
    add_months({{ expression }}, cast({{ months }} as int))
{%- endmacro %}

{#- Days from the first date to the second; negative when the second is earlier. -#}
{% macro days_between(first_date, second_date) -%}
    {{ return(adapter.dispatch("days_between", "jgt")(first_date, second_date)) }}
{%- endmacro %}
{% macro default__days_between(first_date, second_date) -%}
    cast(date_diff('day', {{ first_date }}, {{ second_date }}) as bigint)
{%- endmacro %}
{% macro spark__days_between(first_date, second_date) -%}
    cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
{%- endmacro %}

{% macro month_start(expression) -%} cast(date_trunc('month', {{ expression }}) as date) {%- endmacro %}

{% macro month_end(expression) -%} cast(last_day({{ expression }}) as date) {%- endmacro %}

{#- Monday 1 … Sunday 7. -#}
{% macro iso_weekday(expression) -%} {{ return(adapter.dispatch("iso_weekday", "jgt")(expression)) }} {%- endmacro %}
{% macro default__iso_weekday(expression) -%} cast(extract(isodow from {{ expression }}) as bigint) {%- endmacro %}
{% macro spark__iso_weekday(expression) -%} cast(weekday({{ expression }}) + 1 as bigint) {%- endmacro %}

{#- ISO 8601 week number, 1 … 53; both engines count ISO weeks. -#}
{% macro iso_week(expression) -%} cast(extract(week from {{ expression }}) as bigint) {%- endmacro %}

{#- One row a day (column date_day) from the first date to the last, both included. -#}
{% macro day_series(first_date, last_date) -%}
    {{ return(adapter.dispatch("day_series", "jgt")(first_date, last_date)) }}
{%- endmacro %}
{% macro default__day_series(first_date, last_date) -%}
    select cast(day_at as date) as date_day
    from generate_series({{ first_date }}, {{ last_date }}, interval '1' day) as days(day_at)
{%- endmacro %}
{% macro spark__day_series(first_date, last_date) -%}
    select explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day)) as date_day
{%- endmacro %}

{#- Distinct values, sorted, in one text. -#}
{% macro sorted_list(expression, separator="、") -%}
    {{ return(adapter.dispatch("sorted_list", "jgt")(expression, separator)) }}
{%- endmacro %}
{% macro default__sorted_list(expression, separator) -%}
    string_agg(distinct {{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}
{% macro spark__sorted_list(expression, separator) -%}
    array_join(array_sort(collect_set({{ expression }})), '{{ separator }}')
{%- endmacro %}

{#- Round half up (四舍五入) through decimal; both engines round decimals half away from zero. -#}
{% macro half_up(expression, digits=2) -%}
    cast(round(cast({{ expression }} as decimal(28, 8)), {{ digits }}) as decimal(18, {{ digits }}))
{%- endmacro %}

{#- A ratio that is null when its denominator is missing or zero, never an error and never 0. -#}
{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{#- How rows of a table are exchanged by their key. On DuckDB `merge` costs eight times as much (2026-11). -#}
{% macro exchange_rows() -%} {{ return(adapter.dispatch("exchange_rows", "jgt")()) }} {%- endmacro %}
{% macro default__exchange_rows() -%} {{ return("delete+insert") }} {%- endmacro %}
{% macro spark__exchange_rows() -%} {{ return("merge") }} {%- endmacro %}
