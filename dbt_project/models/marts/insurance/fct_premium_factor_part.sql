-- One row per policy in force × factor of the suggested premium: what was seen, the rule that fits, the factor. Their
-- product is product_factor of rpt_premium_factor, exactly (tested).
with
    ruled as ({{ premium_factors(ref("int_insurance__factor_fact"), "policy") }}),

    united as (
        select
            subject_key as policy_no,
            factor_code,
            factor_name,
            value_seen,
            evidence,
            rule_code,
            basis,
            cast(factor as decimal(4, 2)) as factor,
            '{{ var("premium_factor_version") }}' as rule_version,
            source
        from ruled
        union all
        select
            policies.policy_no,
            'credit',
            '信用颜色',
            case
                when credit.entity_id is null
                then '没有评分'
                else
                    concat(
                        {{ known_name("consequence.colour_name", "credit.colour") }},
                        '，',
                        cast(credit.score as varchar),
                        '分'
                    )
            end,
            cast(null as varchar),
            case when consequence.colour_code is not null then concat('credit_', consequence.colour_code) end,
            coalesce(concat('信用', consequence.colour_name, '色：', consequence.measures), '没有适用的规则'),
            cast(coalesce(consequence.premium_factor, 1) as decimal(4, 2)),
            '{{ var("credit_rule_version") }}',
            consequence.source
        from {{ ref("int_insurance__policy") }} as policies
        left join {{ ref("int_credit__score_latest") }} as credit on credit.entity_id = policies.entity_id
        left join {{ ref("int_credit__consequence") }} as consequence on consequence.colour_code = credit.colour
        where {{ in_force_on("policies", as_of()) }}
    )

select
    policy_no,
    factor_code,
    factor_name,
    cast(
        case
            factor_code
            when 'credit'
            then 1
            when 'listing'
            then 2
            when 'accident'
            then 3
            when 'standardization'
            then 4
            when 'major_hazard'
            then 5
            when 'overdue_hazard'
            then 6
            else 7
        end as bigint
    ) as factor_order,
    value_seen,
    evidence,
    factor,
    case when factor > 1 then '上浮' when factor < 1 then '下浮' else '不变' end as direction,
    rule_code,
    basis,
    rule_version,
    source,
    {{ as_of() }} as as_of
from united
