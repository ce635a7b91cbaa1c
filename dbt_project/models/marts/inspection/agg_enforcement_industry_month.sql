-- One row per month, area and industry section that ever had something there: the published layout of enforcement
-- statistics (全市、分区 × 分行业): inspections by their day, penalties and money by the day of decision, closures by the
-- day they were proposed.
with
    {{ enforcement_by_area_and_section() }},

    counted as (
        select
            {{ month_start("inspected_on") }} as month_start,
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
        group by {{ month_start("inspected_on") }}, area_code, section_code
        union all
        select
            {{ month_start("decided_on") }},
            area_code,
            section_code,
            0,
            0,
            0,
            count(*),
            count(case when is_suspension then 1 end),
            0,
            cast(coalesce(sum(case when not is_accident_penalty then fine_yuan end), 0) as decimal(18, 2)),
            cast(coalesce(sum(case when is_accident_penalty then fine_yuan end), 0) as decimal(18, 2)),
            cast(coalesce(sum(confiscated_yuan), 0) as decimal(18, 2))
        from penalty_area
        where decided_on is not null
        group by {{ month_start("decided_on") }}, area_code, section_code
        union all
        select
            {{ month_start("closure_proposed_on") }},
            area_code,
            section_code,
            0,
            0,
            0,
            0,
            0,
            count(*),
            cast(0 as decimal(18, 2)),
            cast(0 as decimal(18, 2)),
            cast(0 as decimal(18, 2))
        from penalty_area
        where closure_proposed_on is not null
        group by {{ month_start("closure_proposed_on") }}, area_code, section_code
    ),

    summed as (
        select
            month_start,
            area_code,
            section_code,
            cast(sum(inspections) as bigint) as inspections,
            cast(sum(inspected_units) as bigint) as inspected_units,
            cast(sum(documents) as bigint) as documents,
            cast(sum(penalties_decided) as bigint) as penalties_decided,
            cast(sum(suspensions) as bigint) as suspensions,
            cast(sum(closures_proposed) as bigint) as closures_proposed,
            sum(daily_fine_yuan) as daily_fine_yuan,
            sum(accident_fine_yuan) as accident_fine_yuan,
            sum(confiscated_yuan) as confiscated_yuan
        from counted
        group by month_start, area_code, section_code
    ),

    spine as (
        select month.month_start, seen.area_code, seen.section_code
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join (select distinct area_code, section_code from summed) as seen
        cross join (select min(month_start) as month_start from summed) as first_month
        where month.month_start between first_month.month_start and {{ as_of() }}
    )

select
    spine.month_start,
    spine.area_code,
    spine.section_code,
    area.area_name,
    area.area_level,
    area.area_order,
    coalesce(section.name, '未知') as section_name,
    {% for measure in [
        "inspections",
        "inspected_units",
        "documents",
        "penalties_decided",
        "suspensions",
        "closures_proposed",
    ] %}
        coalesce(summed.{{ measure }}, 0) as {{ measure }},
    {% endfor %}
    {% for measure in ["daily_fine_yuan", "accident_fine_yuan", "confiscated_yuan"] %}
        cast(coalesce(summed.{{ measure }}, 0) as decimal(18, 2)) as {{ measure }} {% if not loop.last %},{% endif %}
    {% endfor %}
from spine
left join
    summed
    on spine.month_start = summed.month_start
    and spine.area_code = summed.area_code
    and spine.section_code = summed.section_code
inner join {{ ref("dim_district") }} as area on spine.area_code = area.area_code
left join {{ ref("code_industry") }} as section on spine.section_code = section.code and section.level = 'section'
