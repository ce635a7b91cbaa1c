-- One row per carrier of key vehicles × factor of its suggested premium (奖优罚劣): what was seen, the rule, the factor.
with
    facts as (
        select
            entity_id as subject_key,
            'audit' as factor_code,
            case when audit_no is null then 'none' end as category,
            cast(audit_score as decimal(18, 4)) as number_seen,
            case
                when audit_no is null
                then '12个月内没有审计'
                else concat(cast(audit_score as varchar), '分，审计于', cast(audited_on as varchar))
            end as value_seen,
            audit_no as evidence
        from {{ ref("int_insurance__fleet") }}
        union all
        select
            entity_id,
            'violation',
            case when coalesce(audited_vehicles, 0) = 0 or violations is null then 'none' end,
            cast({{ half_up(ratio("violations", "audited_vehicles"), 4) }} as decimal(18, 4)),
            case
                when coalesce(audited_vehicles, 0) = 0 or violations is null
                then '没有数据'
                else concat(cast(violations as varchar), '次 / ', cast(audited_vehicles as varchar), '辆')
            end,
            audit_no
        from {{ ref("int_insurance__fleet") }}
        union all
        select
            entity_id,
            'overload',
            cast(null as varchar),
            cast(overloads as decimal(18, 4)),
            concat('12个月内', cast(overloads as varchar), '次'),
            case_nos
        from {{ ref("int_insurance__fleet") }}
        union all
        select
            entity_id,
            'accident',
            case when fatal_accidents > 0 then 'fatal_12' when accidents > 0 then 'any_12' else 'none' end,
            cast(accidents as decimal(18, 4)),
            concat('12个月内', cast(accidents as varchar), '起，亡人', cast(fatal_accidents as varchar), '起'),
            accident_ids
        from {{ ref("int_insurance__fleet") }}
        union all
        select
            entity_id,
            'vehicle',
            cast(null as varchar),
            cast({{ half_up(ratio("unfit_vehicles", "vehicles"), 4) }} as decimal(18, 4)),
            concat(
                cast(unfit_vehicles as varchar),
                '辆 / ',
                cast(vehicles as varchar),
                '辆（逾期未检',
                cast(uninspected_vehicles as varchar),
                '，未接入监控',
                cast(unmonitored_vehicles as varchar),
                '，责任险过期',
                cast(uninsured_vehicles as varchar),
                '）'
            ),
            cast(null as varchar)
        from {{ ref("int_insurance__fleet") }}
    ),

    ruled as ({{ premium_factors("facts", "fleet") }})

select
    subject_key as entity_id,
    factor_code,
    factor_name,
    cast(
        case
            factor_code when 'audit' then 1 when 'violation' then 2 when 'overload' then 3 when 'accident' then 4 else 5
        end as bigint
    ) as factor_order,
    value_seen,
    evidence,
    cast(factor as decimal(4, 2)) as factor,
    case when factor > 1 then '罚' when factor < 1 then '奖' else '平' end as direction,
    rule_code,
    basis,
    '{{ var("premium_factor_version") }}' as rule_version,
    source,
    {{ as_of() }} as as_of
from ruled
