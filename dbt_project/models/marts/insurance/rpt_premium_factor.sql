-- One row per policy in force: the suggested premium factor (建议费率浮动系数), the product of its parts within floor and
-- cap, beside the factor that was used when it was signed.
with
    bounded as (
        {{
            suggested_factors(
                ref("fct_premium_factor_part"),
                "policy",
                "policy_no",
                [
                    "credit",
                    "listing",
                    "accident",
                    "standardization",
                    "major_hazard",
                    "overdue_hazard",
                    "loss_ratio",
                ],
            )
        }}
    )

select
    bounded.policy_no,
    policies.uscc,
    policies.entity_id,
    policies.enterprise_name,
    policies.district_code,
    policies.district_name,
    policies.functional_zone_code,
    policies.insurer,
    policies.effective_end_on,
    policies.premium_signed_yuan,
    policies.premium_factor,
    bounded.product_factor,
    bounded.floor_factor,
    bounded.cap_factor,
    bounded.suggested_factor,
    case
        when bounded.suggested_factor > bounded.product_factor
        then '按下限'
        when bounded.suggested_factor < bounded.product_factor
        then '按上限'
        else '未触限'
    end as bound_applied,
    case
        when bounded.suggested_factor > 1 then '上浮' when bounded.suggested_factor < 1 then '下浮' else '不变'
    end as direction,
    -- what was signed, taken back to a factor of 1 and brought to the suggested one
    case
        when policies.premium_factor > 0
        then
            {{
                half_up(
                    "cast(policies.premium_signed_yuan as double) / cast(policies.premium_factor as double)"
                    ~ " * cast(bounded.suggested_factor as double)"
                )
            }}
    end as suggested_premium_yuan,
    bounded.raised_by,
    bounded.lowered_by,
    bounded.parts,
    bounded.rule_version,
    '{{ var("credit_rule_version") }}' as credit_rule_version,
    {{ as_of() }} as as_of
from bounded
join {{ ref("int_insurance__policy") }} as policies on policies.policy_no = bounded.policy_no
