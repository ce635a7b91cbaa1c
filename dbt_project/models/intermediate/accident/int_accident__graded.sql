-- One row per accident: its grade (事故等级) under the rule in force on the day it occurred (seed accident_grade).
-- The worst of three tests wins; 以上 includes the bound. A figure that is not reported does not raise the grade.
with
    worst as (
        select
            accident.department_code,
            accident.accident_id,
            rule.rule_version,
            min(rule.severity_order) as severity_order
        from {{ ref("int_accident__latest") }} as accident
        inner join
            {{ ref("accident_grade") }} as rule
            on accident.occurred_on >= rule.valid_from
            and accident.occurred_on <= rule.valid_to
            and (
                coalesce(accident.deaths, 0) >= rule.deaths_at_least
                or coalesce(accident.serious_injuries, 0) >= rule.serious_injuries_at_least
                or coalesce(accident.direct_loss_yuan, 0) >= rule.direct_loss_yuan_at_least
            )
        group by accident.department_code, accident.accident_id, rule.rule_version
    )

select
    worst.department_code,
    worst.accident_id,
    rule.grade_code,
    rule.grade_name,
    worst.severity_order as grade_order,
    worst.rule_version as grade_rule_version
from worst
inner join
    {{ ref("accident_grade") }} as rule
    on worst.rule_version = rule.rule_version
    and worst.severity_order = rule.severity_order
