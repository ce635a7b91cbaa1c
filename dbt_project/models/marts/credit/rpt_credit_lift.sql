-- One row per rule version × window (a quarter, the last four, all) × colour (and orange with red) × outcome: how often
-- enterprises of that colour had the outcome in the quarter after, against all enterprises: the lift, with its
-- interval.
-- Rates: Wilson's score interval. Lift: delta method on its logarithm, colour and rest being independent binomials:
-- var(ln lift) = (1/p − w/q)²·p(1−p)/n + ((1−w)/q)²·r(1−r)/m, with p, n of the colour, r, m of the rest, q of all and
-- w = n/(n+m). Where fewer enterprises or occurrences stand behind a figure than the setting asks for, nothing is
-- shown.
with
    setting as (
        select *
        from {{ ref("credit_lift_setting") }}
        where valid_from <= {{ as_of() }} and (valid_to is null or valid_to >= {{ as_of() }})
    ),

    quarters as (
        select
            quarter_start,
            is_complete,
            row_number() over (order by is_complete desc nulls last, quarter_start desc nulls last) as recency
        from (select distinct quarter_start, is_complete from {{ ref("int_credit__quarter_outcome") }}) as known
    ),

    windows as (
        select
            'quarter' as window_kind,
            cast(quarter_start as varchar) as window_key,
            quarter_start,
            quarter_start as window_start,
            is_complete
        from quarters
        union all
        select 'last_4_quarters', 'last_4_quarters', quarter_start, min(quarter_start) over (), 1 = 1
        from quarters
        where is_complete and recency <= 4
        union all
        select 'all_quarters', 'all_quarters', quarter_start, min(quarter_start) over (), 1 = 1
        from quarters
        cross join setting
        where is_complete and recency <= setting.quarters
    ),

    groups as (
        select rule_version, colour, colour as colour_group, colour_name as group_name, colour_order as group_order
        from {{ ref("credit_colour_band") }}
        union all
        select rule_version, colour, 'orange_red', '橙和红', 5
        from {{ ref("credit_colour_band") }}
        where colour in ('orange', 'red')
    ),

    counted as (
        select
            outcomes.rule_version,
            windows.window_kind,
            windows.window_key,
            windows.window_start,
            windows.is_complete,
            groups.colour_group,
            groups.group_name,
            groups.group_order,
            outcomes.outcome,
            cast(sum(outcomes.enterprises) as double) as n,
            cast(sum(outcomes.with_event) as double) as x
        from {{ ref("int_credit__quarter_outcome") }} as outcomes
        join windows on windows.quarter_start = outcomes.quarter_start
        join groups on groups.rule_version = outcomes.rule_version and groups.colour = outcomes.colour
        group by
            outcomes.rule_version,
            windows.window_kind,
            windows.window_key,
            windows.window_start,
            windows.is_complete,
            groups.colour_group,
            groups.group_name,
            groups.group_order,
            outcomes.outcome
    ),

    against_all as (
        select
            counted.*,
            sum(case when colour_group <> 'orange_red' then n else 0 end) over (
                partition by rule_version, window_key, outcome
            ) as n_all,
            sum(case when colour_group <> 'orange_red' then x else 0 end) over (
                partition by rule_version, window_key, outcome
            ) as x_all
        from counted
    ),

    rates as (
        select
            against_all.*,
            setting.z_value as z,
            setting.confidence,
            setting.setting_version,
            n >= setting.min_enterprises as has_rate,
            -- a rate of exactly 1 leaves no variance to speak of; a rest without enterprises leaves nothing to compare
            n >= setting.min_enterprises and x >= setting.min_events and n_all > n as has_lift,
            x / nullif(n, 0) as p,
            x_all / nullif(n_all, 0) as q,
            (x_all - x) / nullif(n_all - n, 0) as r,
            n / nullif(n_all, 0) as w
        from against_all
        cross join setting
    ),

    intervals as (
        select
            rates.*,
            (p + z * z / (2 * n)) / (1 + z * z / n) as centre,
            z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) as half_width,
            p / nullif(q, 0) as lift,
            case
                when has_lift
                then
                    sqrt(
                        (1 / p - w / q) * (1 / p - w / q) * p * (1 - p) / n
                        + ((1 - w) / q) * ((1 - w) / q) * r * (1 - r) / (n_all - n)
                    )
            end as log_lift_error
        from rates
    ),

    bounded as (
        select
            intervals.*,
            greatest(centre - half_width, 0) as rate_low,
            least(centre + half_width, 1) as rate_high,
            lift * exp(- z * log_lift_error) as lift_low,
            lift * exp(z * log_lift_error) as lift_high
        from intervals
    )

select
    rule_version,
    window_key,
    colour_group,
    outcome,
    window_kind,
    case
        window_kind
        when 'quarter'
        then
            concat(
                cast(extract(year from window_start) as varchar),
                '年第',
                cast(extract(quarter from window_start) as varchar),
                '季度'
            )
        when 'last_4_quarters'
        then '近4个完整季度'
        else '全部完整季度'
    end as window_name,
    window_start,
    is_complete,
    group_name as colour_group_name,
    cast(group_order as bigint) as group_order,
    case outcome when 'accident' then '事故' when 'major_hazard' then '重大隐患' else '事故或重大隐患' end as outcome_name,
    cast(n as bigint) as enterprise_quarters,
    cast(x as bigint) as with_event,
    cast(n_all as bigint) as all_enterprise_quarters,
    cast(x_all as bigint) as all_with_event,
    case when has_rate then p end as event_rate,
    case when has_rate then rate_low end as rate_low,
    case when has_rate then rate_high end as rate_high,
    q as all_rate,
    x / nullif(x_all, 0) as captured_share,
    case when has_lift then lift end as lift,
    case when has_lift then lift_low end as lift_low,
    case when has_lift then lift_high end as lift_high,
    {% for known, value, low, high, unit, name in [
        ("has_rate", "100 * p", "100 * rate_low", "100 * rate_high", "%", "rate_text"),
        ("has_lift", "lift", "lift_low", "lift_high", "", "lift_text"),
    ] %}
        case
            when {{ known }}
            then
                concat(
                    cast({{ half_up(value, 2) }} as varchar),
                    '{{ unit }}（',
                    cast({{ half_up(low, 2) }} as varchar),
                    '–',
                    cast({{ half_up(high, 2) }} as varchar),
                    '{{ unit }}）'
                )
            else '—'
        end as {{ name }},
    {% endfor %}
    case
        when not has_rate
        then '企业数太少，不出数'
        when not has_lift
        then '发生数太少，不出提升'
        when lift_low > 1
        then '高于平均'
        when lift_high < 1
        then '低于平均'
        else '与平均无显著差别'
    end as verdict,
    cast(confidence as double) as confidence,
    setting_version,
    rule_version = '{{ var("credit_rule_version") }}' as is_in_use,
    {{ as_of() }} as as_of
from bounded
