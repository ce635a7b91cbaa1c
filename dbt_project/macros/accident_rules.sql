{#- The grade (事故等级) of every row of a relation under the rule in force on the day the accident occurred.
    The worst of three tests wins; 以上 includes the bound; a figure that is not reported does not raise the grade.
    Source: 国务院令第493号第三条 (seed accident_grade). The relation has occurred_on, deaths, serious_injuries and
    direct_loss_yuan; the result has the key and grade_code, grade_name, grade_order, grade_rule_version. -#}
{% macro graded(relation, key) -%}
    {%- set keys = [] -%}
    {%- for column in key -%} {%- do keys.append("event." ~ column) -%} {%- endfor -%}
    select
        {%- for column in key %} worst.{{ column }}, {%- endfor %}
        rule.grade_code,
        rule.grade_name,
        worst.severity_order as grade_order,
        worst.rule_version as grade_rule_version
    from
        (
            select {{ keys | join(", ") }}, rule.rule_version, min(rule.severity_order) as severity_order
            from {{ relation }} as event
            inner join
                {{ ref("accident_grade") }} as rule
                on event.occurred_on >= rule.valid_from
                and event.occurred_on <= rule.valid_to
                and (
                    coalesce(event.deaths, 0) >= rule.deaths_at_least
                    or coalesce(event.serious_injuries, 0) >= rule.serious_injuries_at_least
                    or coalesce(event.direct_loss_yuan, 0) >= rule.direct_loss_yuan_at_least
                )
            group by {{ keys | join(", ") }}, rule.rule_version
        ) as worst
    inner join
        {{ ref("accident_grade") }} as rule
        on worst.rule_version = rule.rule_version
        and worst.severity_order = rule.severity_order
{%- endmacro %}

{#- Why a reported accident is not counted; null where it counts. 核销 marks, it never deletes. The relation is that of
    `accident_reports()`. Source: 安监总局统计〔2016〕80号, 生产安全事故统计调查制度 (应急管理部 2020-11-25). -#}
{% macro accident_exclusion() -%}
    case
        when record_status = 'written_off'
        then 'written_off'
        when not coalesce(is_production_related, 1 = 0)
        then 'not_production'
        when trim(exclusion_reason) <> ''
        then 'excluded'
        when accident_domain = 'road' and _listed_vehicle is null
        then 'not_operating_vehicle'
        when
            coalesce(deaths, 0) + coalesce(serious_injuries, 0) = 0
            and not (_minor_injury_counts and coalesce(minor_injuries, 0) > 0)
            and direct_loss_yuan < _loss_counts_from_yuan
        then 'below_threshold'
    end
{%- endmacro %}

{#- Every report of every accident with the domain it is counted in and the rules in force on the day it occurred:
    whether its vehicle is one of the listed kinds, from which loss on an accident without casualties counts. A loss that
    is not reported excludes nothing: missing is not zero. -#}
{% macro accident_reports() -%}
    select
        {%- for column in subject_columns("accident") if column not in ["accident_domain", "statistical_domain"] %}
            report.{{ column }},
        {%- endfor %}
        coalesce(report.statistical_domain, report.accident_domain) as accident_domain,
        report.source_feed,
        report.department_code,
        report._mention_key,
        report._version_at,
        report._batch_id,
        report._batch_seq,
        report._file,
        report._row,
        vehicle.vehicle_kind as _listed_vehicle,
        rule.loss_counts_from_yuan as _loss_counts_from_yuan,
        rule.minor_injury_counts as _minor_injury_counts,
        rule.rule_version as statistics_rule_version
    from {{ ref("stg_accident") }} as report
    left join
        {{ ref("accident_vehicle_kind") }} as vehicle
        on report.vehicle_kind = vehicle.vehicle_kind
        and cast(report.occurred_at as date) >= vehicle.valid_from
        and cast(report.occurred_at as date) <= vehicle.valid_to
    left join
        {{ ref("accident_statistics_rule") }} as rule
        on coalesce(report.statistical_domain, report.accident_domain) = rule.accident_domain
        and cast(report.occurred_at as date) >= rule.valid_from
        and cast(report.occurred_at as date) <= rule.valid_to
{%- endmacro %}

{#- The last day of the same period some months before: the same day of the month, and month end for month end. -#}
{% macro months_before(date, months) -%}
    case
        when {{ date }} = {{ month_end(date) }}
        then {{ month_end(add_months(date, "-" ~ months)) }}
        else {{ add_months(date, "-" ~ months) }}
    end
{%- endmacro %}

{#- What the base year's months came to, per key: whole, and (is_running) only as long as the running month is now. Joined
    by `base_joins()`. The relation has occurred_on and month_start; base_period is a CTE of its one base_year. -#}
{% macro base_counts(relation, key, counted_as) -%}
    select
        extract(month from event.month_start) as month_number,
        length_kind.is_running,
        {%- for column in key %} event.{{ column }}, {%- endfor %}
        {{ counted_as }}
    from {{ relation }} as event
    inner join base_period on extract(year from event.month_start) = base_period.base_year
    inner join
        (
            select false as is_running
            union all
            select true as is_running
        ) as length_kind
        on not length_kind.is_running
        or {{ as_of() }} = {{ month_end(as_of()) }}
        or extract(day from event.occurred_on) <= extract(day from {{ as_of() }})
    group by
        extract(month from event.month_start),
        length_kind.is_running
        {%- for column in key %}, event.{{ column }}{% endfor %}
{%- endmacro %}

{#- Which rows of `base_counts` a month of the spine is compared with. -#}
{% macro base_joins(month, base) -%}
    extract(month from {{ month }}) = {{ base }}.month_number
    and ({{ month }} = {{ month_start(as_of()) }}) = {{ base }}.is_running
{%- endmacro %}

{#- Whether a month has a base to be compared with: it lies after the base year, and the base's month within what is known. -#}
{% macro has_base(month, base_year, first_month) -%}
    extract(year from {{ month }}) > {{ base_year }}
    and {{ add_months(month, "-12 * (extract(year from " ~ month ~ ") - " ~ base_year ~ ")") }} >= {{ first_month }}
{%- endmacro %}

{#- Rows of a relation with the points of their parts (seed accident_suspicion_point): `<part>_code` of the relation finds
    `<part>_points` and `<part>_name`; the score is their sum within 0 to 100. -#}
{% macro suspicion_scored(relation, parts) -%}
    select
        suspicion.*,
        {%- for part in parts %}
            coalesce({{ part }}.points, 0) as {{ part }}_points, {{ part }}.condition_name as {{ part }}_name,
        {%- endfor %}
        greatest(
            0,
            least(
                100,
                {% for part in parts %}
                    coalesce({{ part }}.points, 0) {%- if not loop.last %} + {% endif %}
                {% endfor %}
            )
        ) as score
    from {{ relation }} as suspicion
    {%- for part in parts %}
        left join
            {{ ref("accident_suspicion_point") }} as {{ part }}
            on {{ part }}.rule_version = '{{ var("accident_suspicion_version") }}'
            and {{ part }}.part_code = '{{ part }}'
            and suspicion.{{ part }}_code = {{ part }}.condition_code
    {%- endfor %}
{%- endmacro %}

{#- The parts of a score in words, each with its points, as they add up. -#}
{% macro score_text(scored, parts) -%}
    concat_ws(
        '；',
        {%- for part in parts %}
            case
                when {{ scored }}.{{ part }}_points <> 0
                then
                    concat(
                        {{ scored }}.{{ part }}_name,
                        case when {{ scored }}.{{ part }}_points > 0 then ' +' else ' ' end,
                        cast({{ scored }}.{{ part }}_points as varchar)
                    )
            end
            {%- if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
