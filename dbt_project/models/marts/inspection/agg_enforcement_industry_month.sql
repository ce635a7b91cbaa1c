-- One row per month, area and industry section in which there was something: the published layout of enforcement
-- statistics (全市、分区 × 分行业): inspections by their day, penalties and money by the day of decision.
with
    industry as (
        select entity_id, section_code, section_name
        from {{ ref("int_core__enterprise") }}
        where section_code is not null
    ),

    inspected as (
        select
            inspection.month_start,
            inspection.district_code,
            inspection.functional_zone_code,
            coalesce(industry.section_code, '未知') as section_code,
            inspection.entity_id,
            inspection.document_no
        from {{ ref("fct_inspection") }} as inspection
        left join industry on inspection.entity_id = industry.entity_id
    ),

    penalised as (
        select
            penalty.decided_month as month_start,
            penalty.district_code,
            penalty.functional_zone_code,
            coalesce(industry.section_code, '未知') as section_code,
            penalty.is_suspension,
            penalty.is_closure_proposed,
            penalty.is_accident_penalty,
            penalty.fine_yuan,
            penalty.confiscated_yuan
        from {{ ref("fct_penalty") }} as penalty
        left join industry on penalty.entity_id = industry.entity_id
        where penalty.decided_month is not null
    ),

    inspection_area as ({{ by_area("inspected", ["month_start", "section_code", "entity_id", "document_no"]) }}),

    penalty_area as (
        {{
            by_area(
                "penalised",
                [
                    "month_start",
                    "section_code",
                    "is_suspension",
                    "is_closure_proposed",
                    "is_accident_penalty",
                    "fine_yuan",
                    "confiscated_yuan",
                ],
            )
        }}
    ),

    counted as (
        select
            month_start,
            area_code,
            section_code,
            count(*) as inspections,
            count(distinct entity_id) as inspected_units,
            count(document_no) as documents,
            0 as penalties_decided,
            0 as suspensions,
            0 as closures_proposed,
            cast(0 as decimal(18, 2)) as daily_fine_yuan,
            cast(0 as decimal(18, 2)) as accident_fine_yuan,
            cast(0 as decimal(18, 2)) as confiscated_yuan
        from inspection_area
        group by month_start, area_code, section_code
        union all
        select
            month_start,
            area_code,
            section_code,
            0,
            0,
            0,
            count(*),
            count(case when is_suspension then 1 end),
            count(case when is_closure_proposed then 1 end),
            cast(coalesce(sum(case when not is_accident_penalty then fine_yuan end), 0) as decimal(18, 2)),
            cast(coalesce(sum(case when is_accident_penalty then fine_yuan end), 0) as decimal(18, 2)),
            cast(coalesce(sum(confiscated_yuan), 0) as decimal(18, 2))
        from penalty_area
        group by month_start, area_code, section_code
    )

select
    counted.month_start,
    counted.area_code,
    counted.section_code,
    area.area_name,
    area.area_level,
    area.area_order,
    coalesce(section.name, '未知') as section_name,
    cast(sum(counted.inspections) as bigint) as inspections,
    cast(sum(counted.inspected_units) as bigint) as inspected_units,
    cast(sum(counted.documents) as bigint) as documents,
    cast(sum(counted.penalties_decided) as bigint) as penalties_decided,
    cast(sum(counted.suspensions) as bigint) as suspensions,
    cast(sum(counted.closures_proposed) as bigint) as closures_proposed,
    cast(sum(counted.daily_fine_yuan) as decimal(18, 2)) as daily_fine_yuan,
    cast(sum(counted.accident_fine_yuan) as decimal(18, 2)) as accident_fine_yuan,
    cast(sum(counted.confiscated_yuan) as decimal(18, 2)) as confiscated_yuan
from counted
inner join {{ ref("dim_district") }} as area on counted.area_code = area.area_code
left join {{ ref("code_industry") }} as section on counted.section_code = section.code and section.level = 'section'
group by
    counted.month_start,
    counted.area_code,
    counted.section_code,
    area.area_name,
    area.area_level,
    area.area_order,
    section.name
