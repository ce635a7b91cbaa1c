-- One row per rule version × quarter × colour at the end of the quarter before × outcome: how many enterprises had that
-- colour, and how many of them an accident or a major hazard in the quarter. All rule versions, so that they can be
-- compared. Enterprises without events are counted, not listed: they have the colour of the base score.
-- Only enterprises scored at the end of the quarter before take part, also those that closed within the quarter.
with
    quarters as (
        select
            cast({{ add_months("month_start", 1) }} as date) as quarter_start,
            cast({{ add_months("month_start", 4) }} as date) as next_quarter,
            month_start as coloured_month,
            measured_on as coloured_on
        from {{ ref("int_core__measuring_month") }}
        where extract(month from month_start) in (3, 6, 9, 12) and {{ add_months("month_start", 1) }} <= {{ as_of() }}
    ),

    cohort as (
        select quarters.quarter_start, quarters.coloured_month, subject.entity_id
        from quarters
        join
            {{ ref("int_credit__subject") }} as subject
            on subject.scored_from <= quarters.coloured_on
            and (subject.scored_until is null or subject.scored_until > quarters.coloured_on)
    ),

    happened as (
        select distinct quarters.quarter_start, facts.entity_id, facts.event_kind as outcome
        from {{ ref("int_credit__fact") }} as facts
        join quarters on facts.event_on >= quarters.quarter_start and facts.event_on < quarters.next_quarter
        where facts.event_kind in ('accident', 'major_hazard') and facts.entity_id is not null
    ),

    outcomes as (
        select quarter_start, entity_id, outcome
        from happened
        union all
        select distinct quarter_start, entity_id, 'accident_or_major_hazard'
        from happened
    ),

    outcome_kinds as (
        select 'accident' as outcome
        union all
        select 'major_hazard'
        union all
        select 'accident_or_major_hazard'
    ),

    -- enterprises with events: their colour; the others are what is left of the cohort
    coloured as (
        select score.rule_version, cohort.quarter_start, cohort.entity_id, score.colour
        from {{ ref("int_credit__eventful_score") }} as score
        join cohort on cohort.coloured_month = score.month_start and cohort.entity_id = score.entity_id
    ),

    sizes as (select quarter_start, count(*) as enterprises from cohort group by quarter_start),

    happened_in_cohort as (
        select outcomes.quarter_start, outcomes.entity_id, outcomes.outcome
        from outcomes
        join cohort on cohort.quarter_start = outcomes.quarter_start and cohort.entity_id = outcomes.entity_id
    ),

    all_happened as (
        select quarter_start, outcome, count(*) as with_event from happened_in_cohort group by quarter_start, outcome
    ),

    of_coloured as (
        select
            coloured.rule_version,
            coloured.quarter_start,
            coloured.colour,
            outcome_kinds.outcome,
            count(*) as enterprises,
            count(happened_in_cohort.entity_id) as with_event
        from coloured
        cross join outcome_kinds
        left join
            happened_in_cohort
            on happened_in_cohort.quarter_start = coloured.quarter_start
            and happened_in_cohort.entity_id = coloured.entity_id
            and happened_in_cohort.outcome = outcome_kinds.outcome
        group by coloured.rule_version, coloured.quarter_start, coloured.colour, outcome_kinds.outcome
    ),

    of_the_others as (
        select
            base.rule_version,
            sizes.quarter_start,
            base.colour,
            outcome_kinds.outcome,
            sizes.enterprises - coalesce(sum(of_coloured.enterprises), 0) as enterprises,
            coalesce(max(all_happened.with_event), 0) - coalesce(sum(of_coloured.with_event), 0) as with_event
        from sizes
        cross join outcome_kinds
        cross join {{ ref("int_credit__base_colour") }} as base
        left join
            of_coloured
            on of_coloured.quarter_start = sizes.quarter_start
            and of_coloured.outcome = outcome_kinds.outcome
            and of_coloured.rule_version = base.rule_version
        left join
            all_happened
            on all_happened.quarter_start = sizes.quarter_start
            and all_happened.outcome = outcome_kinds.outcome
        group by base.rule_version, sizes.quarter_start, base.colour, outcome_kinds.outcome, sizes.enterprises
    )

select
    rule_version,
    quarter_start,
    {{ add_months("quarter_start", 3) }} <= {{ add_days(as_of(), 1) }} as is_complete,
    colour,
    outcome,
    cast(sum(enterprises) as bigint) as enterprises,
    cast(sum(with_event) as bigint) as with_event
from
    (
        select rule_version, quarter_start, colour, outcome, enterprises, with_event
        from of_coloured
        union all
        select rule_version, quarter_start, colour, outcome, enterprises, with_event
        from of_the_others
    ) as both_parts
group by rule_version, quarter_start, colour, outcome
