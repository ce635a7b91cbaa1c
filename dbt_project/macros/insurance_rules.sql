{#- A policy protects on a day from its start until the day before its effective end (止期 or 退保日, whichever is
    earlier). One predicate for every figure that says 在保. -#}
{% macro in_force_on(policy, day) -%}
    ({{ policy }}.start_on <= {{ day }} and {{ policy }}.effective_end_on > {{ day }})
{%- endmacro %}

{#- An interval of 应保 holds on a day: from ≤ day < until, open when until is null. -#}
{% macro in_scope_on(scope, day) -%}
    (
        {{ scope }}.in_scope_from <= {{ day }}
        and ({{ scope }}.in_scope_until is null or {{ scope }}.in_scope_until > {{ day }})
    )
{%- endmacro %}

{#- A limit of seed insurance_parameter in the version in use, valid on a day (by default the data's own). -#}
{% macro insurance_parameter(name, day=none) -%}
    (
        select max(parameter_value)
        from {{ ref("insurance_parameter") }}
        where
            rule_version = '{{ var("insurance_rule_version") }}'
            and parameter = '{{ name }}'
            and {{ day or as_of() }} between valid_from and valid_to
    )
{%- endmacro %}

{#- 已赚保费 of a policy before the day `until` (that day itself not earned yet): the signed premium pro rata by day over
    the agreed term, 365 days or 366. Once cancelled, what was not refunded is earned; a refund nobody told is taken as the
    part of the days that were left. A policy that never began earns nothing. To the cent, so that differences of two
    days add up exactly. -#}
{% macro premium_earned_before(policy, until) -%}
    case
        when {{ policy }}.effective_end_on <= {{ policy }}.start_on or {{ until }} <= {{ policy }}.start_on
        then cast(0 as decimal(18, 2))
        when {{ policy }}.cancelled_on < {{ policy }}.end_on and {{ until }} >= {{ policy }}.cancelled_on
        then
            cast(
                greatest(
                    coalesce(
                        {{ policy }}.premium_signed_yuan - {{ policy }}.premium_refunded_yuan,
                        {{ premium_of_days(policy, policy ~ ".cancelled_on") }}
                    ),
                    0
                ) as decimal(18, 2)
            )
        else {{ premium_of_days(policy, "least(" ~ until ~ ", " ~ policy ~ ".end_on)") }}
    end
{%- endmacro %}

{% macro premium_of_days(policy, until) -%}
    {{
        half_up(
            "cast("
            ~ policy
            ~ ".premium_signed_yuan as double) * "
            ~ days_between(policy ~ ".start_on", until)
            ~ " / nullif("
            ~ days_between(policy ~ ".start_on", policy ~ ".end_on")
            ~ ", 0)"
        )
    }}
{%- endmacro %}

{#- The part of an amount that lies between two running shares (0 … 1) of its policy. Each running part is rounded half up
    and the difference taken, so that the parts of all members add up to the amount, to the cent. -#}
{% macro part_of(amount, share) -%}
    cast(
        round({{ amount }} * {{ share }}.share_until, 2)
        - round({{ amount }} * {{ share }}.share_from, 2) as decimal(18, 2)
    )
{%- endmacro %}

{#- What each factor of a subject (policy or fleet) comes to: the first rule of the version in use that fits what was seen
    (same category, min ≤ number < max); 1 where no rule fits. `facts` has subject_key, factor_code, category,
    number_seen. -#}
{% macro premium_factors(facts, subject) -%}
    select ranked.*
    from
        (
            select
                facts.*,
                rules.factor_name,
                rules.rule_code,
                coalesce(rules.factor, cast(1 as decimal(4, 2))) as factor,
                coalesce(rules.basis, '没有适用的规则') as basis,
                rules.source,
                row_number() over (
                    partition by facts.subject_key, facts.factor_code order by rules.rule_order asc nulls last
                ) as rule_rank
            from {{ facts }} as facts
            left join
                {{ ref("premium_factor_rule") }} as rules
                on rules.rule_version = '{{ var("premium_factor_version") }}'
                and rules.subject = '{{ subject }}'
                and rules.factor_code = facts.factor_code
                and (
                    (rules.match_kind = 'category' and rules.category = facts.category)
                    or (
                        rules.match_kind = 'range'
                        and facts.number_seen >= rules.min_value
                        and facts.number_seen < rules.max_value
                    )
                )
        ) as ranked
    where rule_rank = 1
{%- endmacro %}

{#- The exact product of the factors of one subject, a decimal without rounding: one row a part, grouped outside. -#}
{% macro factor_product(codes) -%}
    cast(
        {% for code in codes -%}
            coalesce(
                max(case when factor_code = '{{ code }}' then cast(factor as decimal(4, 2)) end),
                cast(1 as decimal(4, 2))
            )
            {%- if not loop.last %} * {% endif -%}
        {%- endfor %} as decimal(20, 14)
    )
{%- endmacro %}

{#- The suggested factor of each subject (one row a `key`) from its parts (a row a factor): their product within the floor
    and cap of the rule set in use, and which factors raise or lower it. -#}
{% macro suggested_factors(parts, subject, key, codes) -%}
    select
        combined.*,
        cast(
            least(
                greatest(combined.product_factor, cast(rule_set.floor_factor as decimal(20, 14))),
                cast(rule_set.cap_factor as decimal(20, 14))
            ) as decimal(20, 14)
        ) as suggested_factor,
        rule_set.floor_factor,
        rule_set.cap_factor,
        rule_set.rule_version
    from
        (
            select
                {{ key }},
                {{ factor_product(codes) }} as product_factor,
                {{ sorted_list("case when factor > 1 then concat(factor_name, ' ×', cast(factor as varchar)) end") }}
                as raised_by,
                {{ sorted_list("case when factor < 1 then concat(factor_name, ' ×', cast(factor as varchar)) end") }}
                as lowered_by,
                cast(count(*) as bigint) as parts
            from {{ parts }}
            group by {{ key }}
        ) as combined
    cross join {{ ref("premium_factor_set") }} as rule_set
    where rule_set.subject = '{{ subject }}' and rule_set.rule_version = '{{ var("premium_factor_version") }}'
{%- endmacro %}

{#- Measures in one long shape: a row per month, further columns (`by`), district, zone and measure. `parts` are sources,
    each (relation, month, condition or none, [(measure, amount)]). -#}
{% macro summed_measures(parts, by=[]) -%}
    {%- set keys = by + ["district_code", "functional_zone_code"] -%}
    {%- for relation, month, condition, measures in parts %}
        {%- set first = loop.first %}
        {%- for measure, amount in measures %}
            {%- if not (first and loop.first) %}
                union all
            {%- endif %}
            select
                {{ month }} as month_start,
                {{ keys | join(", ") }},
                '{{ measure }}' as measure,
                cast(sum({{ amount }}) as decimal(28, 2)) as amount
            from {{ relation }}
            {%- if condition %} where {{ condition }} {%- endif %}
            group by {{ month }}, {{ keys | join(", ") }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}
