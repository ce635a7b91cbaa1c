-- Every suggested factor that is not exactly the product of its parts, taken one after the other, within floor and cap.
with
    policy_parts as (
        select policy_no, factor_order, factor, count(*) over (partition by policy_no) as parts
        from {{ ref("fct_premium_factor_part") }}
    ),

    fleet_parts as (
        select entity_id, factor_order, factor, count(*) over (partition by entity_id) as parts
        from {{ ref("fct_fleet_factor_part") }}
    ),

    product as (
        select
            'policy' as subject,
            suggested.policy_no as subject_key,
            suggested.product_factor,
            suggested.suggested_factor,
            suggested.floor_factor,
            suggested.cap_factor,
            sum(ln(cast(policy_parts.factor as double))) as log_factor,
            min(policy_parts.parts) - 7 as parts_missing
        from {{ ref("rpt_premium_factor") }} as suggested
        left join policy_parts on policy_parts.policy_no = suggested.policy_no
        group by
            suggested.policy_no,
            suggested.product_factor,
            suggested.suggested_factor,
            suggested.floor_factor,
            suggested.cap_factor
        union all
        select
            'fleet',
            suggested.entity_id,
            suggested.product_factor,
            suggested.suggested_factor,
            suggested.floor_factor,
            suggested.cap_factor,
            sum(ln(cast(fleet_parts.factor as double))),
            min(fleet_parts.parts) - 5
        from {{ ref("rpt_fleet_premium") }} as suggested
        left join fleet_parts on fleet_parts.entity_id = suggested.entity_id
        group by
            suggested.entity_id,
            suggested.product_factor,
            suggested.suggested_factor,
            suggested.floor_factor,
            suggested.cap_factor
    )

select subject, subject_key
from product
where
    parts_missing is distinct from 0
    or abs(exp(log_factor) - cast(product_factor as double)) > 0.000000001
    or suggested_factor <> least(greatest(product_factor, floor_factor), cap_factor)
