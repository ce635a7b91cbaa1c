-- Every score is the sum of its parts: base, events, caps, ceiling and floor; whoever has no part has the base score.
-- Returns scores that are not, and parts of enterprises that have no score.
with
    summed as (
        select entity_id, month_start, sum(points) as points
        from {{ ref("fct_credit_score_part") }}
        group by entity_id, month_start
    )

select
    coalesce(scores.entity_id, summed.entity_id) as entity_id,
    coalesce(scores.month_start, summed.month_start) as month_start,
    scores.score,
    summed.points
from {{ ref("fct_credit_score") }} as scores
cross join {{ ref("int_credit__rule_set") }} as rule_set
full join summed on summed.month_start = scores.month_start and summed.entity_id = scores.entity_id
where scores.entity_id is null or scores.score <> coalesce(summed.points, rule_set.base_score)
