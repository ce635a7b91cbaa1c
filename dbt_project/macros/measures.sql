{#- The day all figures are as of. Runs pass it in JGT_AS_OF (a changed `--vars` would make dbt parse everything anew,
    3.5 CPU-s, 2026-11); without it (a developer's parse) it is today in Shanghai. -#}
{% macro as_of() -%}
    {#- while parsing the day is of no account, and a file that asks for it then is parsed anew every day -#}
    {%- set given = env_var("JGT_AS_OF", "") if execute else "1900-01-01" -%}
    {%- if given -%} cast('{{ given }}' as date)
    {%- else -%}
        cast('{{ run_started_at.astimezone(modules.pytz.timezone("Asia/Shanghai")).strftime("%Y-%m-%d") }}' as date)
    {%- endif -%}
{%- endmacro %}

{#- Every event once per area it belongs to: the city, its district, and the functional zone its street lies in.
    `relation` needs district_code and functional_zone_code; the result adds area_code. City rows hold all events,
    also those without a district, so districts need not sum to the city; the functional zone is never additive. -#}
{% macro by_area(relation, columns) -%}
    select '{{ var("city_code") }}' as area_code, {{ columns | join(", ") }}
    from {{ relation }}
    union all
    select district_code as area_code, {{ columns | join(", ") }}
    from {{ relation }}
    where district_code is not null and district_code <> '{{ var("city_code") }}'
    union all
    select functional_zone_code as area_code, {{ columns | join(", ") }}
    from {{ relation }}
    where functional_zone_code is not null
{%- endmacro %}

{#- The last day of the same period a year before: the same day, and month end for month end, so that a whole
    February is compared with a whole February in leap years too. -#}
{% macro year_before(date) -%}
    case
        when {{ date }} = {{ month_end(date) }}
        then {{ month_end(add_months(date, -12)) }}
        else {{ add_months(date, -12) }}
    end
{%- endmacro %}

{#- The street an event lies in: its own, else its enterprise's, but that only within the event's district, since what
    happens in another district does not happen at the registered address. -#}
{% macro event_street(event, enterprise) -%}
    coalesce(
        {{ event }}.street_code,
        case when {{ enterprise }}.district_code = {{ event }}.district_code then {{ enterprise }}.street_code end
    )
{%- endmacro %}

{#- The city's figure of one group of reports: its own where it is sent, else the sum of its districts once all of them
    are there. The group joins `area` (dim_district) and `expected` (districts: how many there are). -#}
{% macro city_figure(column) -%}
    coalesce(
        max(case when area.area_level = 'city' then {{ column }} end),
        case
            when count(case when area.is_additive then {{ column }} end) = max(expected.districts)
            then sum(case when area.is_additive then {{ column }} end)
        end
    )
{%- endmacro %}

{#- 同比 as a leader reads it: +12.5 % / -3.0 % / 持平 / 新增N (last year 0) / — (one of the two missing).
    `unit_digits`: decimals of N for figures that are not counts. -#}
{% macro change_text(value, last_year, unit_digits=0) -%}
    case
        when {{ value }} is null or {{ last_year }} is null
        then '—'
        when {{ value }} = {{ last_year }}
        then '持平'
        when {{ last_year }} = 0
        then concat('新增', cast({{ half_up(value, unit_digits) }} as varchar))
        when {{ value }} > {{ last_year }}
        then concat('+', cast({{ half_up(change_ratio(value, last_year) ~ " * 100", 1) }} as varchar), '%')
        else concat(cast({{ half_up(change_ratio(value, last_year) ~ " * 100", 1) }} as varchar), '%')
    end
{%- endmacro %}

{#- A rate's change as a leader reads it: +1.2个百分点 / 持平 / — (one of the two missing). -#}
{% macro points_text(value, other) -%}
    case
        when {{ value }} is null or {{ other }} is null
        then '—'
        when {{ half_up("(" ~ value ~ " - " ~ other ~ ") * 100", 1) }} = 0
        then '持平'
        else
            concat(
                case when {{ value }} > {{ other }} then '+' else '' end,
                cast({{ half_up("(" ~ value ~ " - " ~ other ~ ") * 100", 1) }} as varchar),
                '个百分点'
            )
    end
{%- endmacro %}

{#- 同比 as a number: null when last year was 0 or either is missing. -#}
{% macro change_ratio(value, last_year) -%}
    ((cast({{ value }} as double) - cast({{ last_year }} as double)) / nullif(cast({{ last_year }} as double), 0))
{%- endmacro %}

{#- What became of something refused, in words. -#}
{% macro settlement_name(state) -%}
    case
        {{ state }}
        when 'open'
        then '待处理'
        when 'waiting'
        then '待关联'
        when 'corrected'
        then '已更正'
        when 'waived'
        then '已豁免'
    end
{%- endmacro %}
