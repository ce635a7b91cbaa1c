-- One row per part of a credit score: base score, every event that counts, what a cap, the ceiling or the floor takes
-- back, and what sets the colour. The parts of an enterprise and month add up to its score exactly; an enterprise
-- without parts has the base score.
with
    scores as (
        select scores.*, rule_set.rule_name, rule_set.base_score, rule_set.ceiling_score, rule_set.floor_score
        from {{ ref("int_credit__eventful_score") }} as scores
        join {{ ref("int_credit__rule_set") }} as rule_set on rule_set.rule_version = scores.rule_version
    ),

    parts as (
        select
            entity_id,
            month_start,
            rule_version,
            'base' as part_id,
            1 as part_order,
            'base' as part_kind,
            '基准分' as part_name,
            cast(null as varchar) as event_id,
            cast(null as date) as event_on,
            cast(null as date) as valid_until,
            cast(null as varchar) as rule_code,
            base_score as points
        from scores
        union all
        select
            entity_id,
            month_start,
            rule_version,
            event_id,
            2,
            'event',
            event_name,
            event_id,
            event_on,
            counts_until,
            rule_code,
            points
        from {{ ref("int_credit__counted") }}
        where is_in_use and points <> 0
        union all
        select
            entity_id,
            month_start,
            rule_version,
            concat('cap:', cap_group),
            3,
            'cap',
            case when points_before_cap < 0 then '同类扣分上限，超出部分不扣' else '同类加分上限，超出部分不加' end,
            cast(null as varchar),
            cast(null as date),
            cast(null as date),
            cap_group,
            deducted + added - points_before_cap
        from {{ ref("int_credit__group_month") }}
        where rule_version = '{{ var("credit_rule_version") }}' and deducted + added <> points_before_cap
        union all
        select
            entity_id,
            month_start,
            rule_version,
            'floor',
            4,
            'floor',
            '封底：低于封底分的取封底分',
            cast(null as varchar),
            cast(null as date),
            cast(null as date),
            cast(null as varchar),
            floor_score - (base_score - deduction_points + bonus_points)
        from scores
        where base_score - deduction_points + bonus_points < floor_score
        union all
        select
            entity_id,
            month_start,
            rule_version,
            'ceiling',
            4,
            'ceiling',
            '封顶：高于封顶分的取封顶分',
            cast(null as varchar),
            cast(null as date),
            cast(null as date),
            cast(null as varchar),
            ceiling_score - (base_score - deduction_points + bonus_points)
        from scores
        where base_score - deduction_points + bonus_points > ceiling_score
        union all
        select
            entity_id,
            month_start,
            rule_version,
            concat('override:', event_id),
            5,
            'override',
            event_name,
            event_id,
            event_on,
            counts_until,
            rule_code,
            cast(0 as decimal(8, 2))
        from {{ ref("int_credit__counted") }}
        where is_in_use and override_colour is not null
    )

select
    parts.entity_id,
    parts.month_start,
    parts.part_id,
    cast(parts.part_order as bigint) as part_order,
    parts.part_kind,
    case
        parts.part_kind
        when 'base'
        then '基准分'
        when 'event'
        then '事件'
        when 'cap'
        then '同类上限'
        when 'floor'
        then '封底'
        when 'ceiling'
        then '封顶'
        when 'override'
        then '直接定色'
    end as part_kind_name,
    parts.part_name,
    cast(parts.points as decimal(8, 2)) as points,
    parts.event_id,
    parts.event_on,
    parts.valid_until,
    parts.rule_code,
    parts.rule_version,
    scores.uscc,
    scores.district_code,
    scores.functional_zone_code
from parts
-- parts of an enterprise that is not scored in a month (not yet founded, closed) explain nothing
join
    {{ ref("int_credit__score_month") }} as scores
    on scores.entity_id = parts.entity_id
    and scores.month_start = parts.month_start
