-- Every score is explained by the events that count on its measuring day: base score − their points is the score
-- before floor, and the floor is the only other thing between them. Returns scores that are not.
with
    counted as (
        select months.month_start, events.entity_id, - sum(events.points) as deduction_points
        from {{ ref("fct_credit_event") }} as events
        join
            {{ ref("int_core__measuring_month") }} as months
            on events.event_on <= months.measured_on
            and (events.valid_until is null or events.valid_until > months.measured_on)
        group by months.month_start, events.entity_id
    )

select
    scores.entity_id, scores.month_start, scores.score, scores.deduction_points, counted.deduction_points as by_events
from {{ ref("fct_credit_score") }} as scores
cross join {{ ref("int_credit__rule_set") }} as rule_set
left join counted on counted.month_start = scores.month_start and counted.entity_id = scores.entity_id
where
    scores.score <> greatest(rule_set.base_score - scores.deduction_points, rule_set.floor_score)
    -- caps may only make a deduction smaller; without a cap in the rule set both sums are equal
    or scores.deduction_points > coalesce(counted.deduction_points, 0)
    or (
        scores.deduction_points < coalesce(counted.deduction_points, 0)
        and not exists (
            select 1
            from {{ ref("credit_point_rule") }} as rules
            where rules.rule_version = rule_set.rule_version and rules.cap_points is not null
        )
    )
