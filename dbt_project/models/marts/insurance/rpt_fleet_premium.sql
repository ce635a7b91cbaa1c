-- One row per carrier with operating key vehicles (两客一危一货): the suggested factor of its premium, better for good
-- fleets and worse for bad ones (奖优罚劣), within floor and cap.
with
    bounded as (
        {{
            suggested_factors(
                ref("fct_fleet_factor_part"),
                "fleet",
                "entity_id",
                ["audit", "violation", "overload", "accident", "vehicle"],
            )
        }}
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
    end as what_to_do,
    bounded.rule_version,
    {{ as_of() }} as as_of
from bounded
join {{ ref("int_insurance__fleet") }} as fleets on fleets.entity_id = bounded.entity_id
