-- One row per month of the current year and area: enterprises (no traders, no small places) inspected from January
-- until that month's end against those that must be inspected (应检单位) on as_of. Whoever is inspected counts, so the
-- share may pass 100 %.
with
    first_seen as (
        select inspection.entity_id, min({{ month_start("inspection.inspected_on") }}) as month_start
        from {{ ref("fct_inspection") }} as inspection
        where
            inspection.entity_id is not null
            and inspection.inspected_on between cast(date_trunc('year', {{ as_of() }}) as date) and {{ as_of() }}
        group by inspection.entity_id
    ),

    unit as (
        select
            enterprise.district_code,
            enterprise.functional_zone_code,
            first_seen.month_start as inspected_month,
            plan.entity_id is not null as is_planned
        from {{ ref("int_core__enterprise") }} as enterprise
        left join first_seen on enterprise.entity_id = first_seen.entity_id
        left join {{ ref("rpt_inspection_plan") }} as plan on enterprise.entity_id = plan.entity_id
        where enterprise.kind = 'enterprise' and (first_seen.entity_id is not null or plan.entity_id is not null)
    ),

    by_unit as ({{ by_area("unit", ["inspected_month", "is_planned"]) }}),

    spine as (
        select month.month_start, area.area_code, area.area_name, area.area_level, area.area_order
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join {{ ref("dim_district") }} as area
        where month.month_start between cast(date_trunc('year', {{ as_of() }}) as date) and {{ as_of() }}
    )

select
    spine.month_start,
    spine.area_code,
    spine.area_name,
    spine.area_level,
    spine.area_order,
    count(case when by_unit.is_planned then 1 end) as planned_units,
    count(case when by_unit.inspected_month <= spine.month_start then 1 end) as inspected_units,
    count(
        case when by_unit.is_planned and by_unit.inspected_month <= spine.month_start then 1 end
    ) as planned_units_inspected,
    {{ as_of() }} as as_of
from spine
left join by_unit on spine.area_code = by_unit.area_code
group by spine.month_start, spine.area_code, spine.area_name, spine.area_level, spine.area_order
