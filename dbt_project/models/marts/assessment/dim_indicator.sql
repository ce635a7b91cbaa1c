-- One row per indicator (考核指标) of the rules in use: method, weight, target and 口径.
select
    indicator_code,
    indicator_name,
    cast(display_order as bigint) as display_order,
    category,
    method,
    case
        method
        when 'control_target'
        then '控制指标'
        when 'veto'
        then '一票否决'
        when 'efficacy'
        then '功效系数'
        when 'yoy'
        then '同比改善'
        when 'completion'
        then '完成率'
        when 'banded'
        then '分档'
        when 'deduction'
        then '扣分'
    end as method_name,
    direction,
    value_kind,
    cast(weight as decimal(8, 2)) as weight,
    cast(target_value as decimal(18, 6)) as target_value,
    cast(base_points as decimal(8, 2)) as base_points,
    cast(floor_points as decimal(8, 2)) as floor_points,
    cast(cap_points as decimal(8, 2)) as cap_points,
    cast(unit_deduction as decimal(8, 2)) as unit_deduction,
    cast(unit_step as decimal(18, 6)) as unit_step,
    cast(satisfactory_value as decimal(18, 6)) as satisfactory_value,
    cast(unacceptable_value as decimal(18, 6)) as unacceptable_value,
    bound_basis,
    veto_effect,
    unit,
    period_name,
    caliber,
    rule_version,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    source
from {{ ref("int_assessment__indicator") }}
