-- One row per carrier with operating key vehicles (两客一危一货): the suggested factor of its premium, better for good
-- fleets and worse for bad ones (奖优罚劣), within floor and cap.
with
    combined as (
        select
            entity_id,
            {{ factor_product(["audit", "violation", "overload", "accident", "vehicle"]) }} as product_factor,
            {{ sorted_list("case when factor > 1 then concat(factor_name, ' ×', cast(factor as varchar)) end") }}
            as raised_by,
            {{ sorted_list("case when factor < 1 then concat(factor_name, ' ×', cast(factor as varchar)) end") }}
            as lowered_by
        from {{ ref("fct_fleet_factor_part") }}
        group by entity_id
    ),

    bounded as (
        select
            combined.*,
            {{ within_bounds("combined.product_factor", "rule_set") }} as suggested_factor,
            rule_set.floor_factor,
            rule_set.cap_factor,
            rule_set.rule_version
        from combined
        cross join {{ ref("premium_factor_set") }} as rule_set
        where rule_set.subject = 'fleet' and rule_set.rule_version = '{{ var("premium_factor_version") }}'
    )

select
    fleets.entity_id,
    fleets.uscc,
    fleets.enterprise_name,
    fleets.district_code,
    fleets.district_name,
    fleets.functional_zone_code,
    cast(fleets.vehicles as bigint) as vehicles,
    cast(fleets.passenger_vehicles as bigint) as passenger_vehicles,
    cast(fleets.hazmat_vehicles as bigint) as hazmat_vehicles,
    cast(fleets.freight_vehicles as bigint) as freight_vehicles,
    cast(fleets.unfit_vehicles as bigint) as unfit_vehicles,
    cast(fleets.uninsured_vehicles as bigint) as uninsured_vehicles,
    fleets.audited_on,
    fleets.audit_score,
    cast(fleets.violations as bigint) as violations,
    cast(fleets.overloads as bigint) as overloads,
    cast(fleets.accidents as bigint) as accidents,
    bounded.product_factor,
    bounded.floor_factor,
    bounded.cap_factor,
    bounded.suggested_factor,
    case
        when bounded.suggested_factor > 1 then '罚' when bounded.suggested_factor < 1 then '奖' else '平'
    end as direction,
    bounded.raised_by,
    bounded.lowered_by,
    case
        when fleets.uninsured_vehicles > 0
        then '承运人责任险已过期：通知续保，未续保不得营运；下期保费按建议系数执行'
        when bounded.suggested_factor > 1
        then '下期保费按建议系数上浮，督促整改上浮因素'
        when bounded.suggested_factor < 1
        then '下期保费按建议系数下浮'
        else '维持现行保费'
    end as action,
    bounded.rule_version,
    {{ as_of() }} as as_of
from bounded
join {{ ref("int_insurance__fleet") }} as fleets on fleets.entity_id = bounded.entity_id
