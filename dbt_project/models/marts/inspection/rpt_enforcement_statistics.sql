-- One row per month, area, industry section (all: 合计) and measure: enforcement of the year up to that month against the
-- same period of last year, in the published layout (全市、分区 × 分行业、同比). The running month is compared until the same
-- day. Each measure goes by a day of its own, said in its name. Units are counted once a year, on their first
-- inspection.
{%- set measures = [
    ("inspected_units", "检查单位数（按首次检查日）", "家"),
    ("inspections", "检查次数（按检查日）", "次"),
    ("documents", "执法文书数（按检查日）", "份"),
    ("penalties_decided", "处罚决定数（按决定日）", "件"),
    ("suspensions", "停产停业数（按决定日）", "件"),
    ("closures_proposed", "提请关闭数（按提请日）", "件"),
    ("fine_wan", "罚款（万元，按决定日）", "万元"),
    ("daily_fine_wan", "日常罚款（万元，按决定日）", "万元"),
    ("accident_fine_wan", "事故罚款（万元，按决定日）", "万元"),
    ("confiscated_wan", "没收（万元，按决定日）", "万元"),
] %}
with
    {{ enforcement_by_area_and_section() }},

    first_inspected as (
        select area_code, section_code, entity_id, min(inspected_on) as inspected_on
        from inspection_area
        where entity_id is not null
        group by area_code, section_code, entity_id, extract(year from inspected_on)
    ),

    daily as (
        {#- (relation, day, measure, amount, condition) -#}
        {% for relation, day, measure, amount, condition in [
            ("first_inspected", "inspected_on", "inspected_units", "1", "1 = 1"),
            ("inspection_area", "inspected_on", "inspections", "1", "1 = 1"),
            ("inspection_area", "inspected_on", "documents", "1", "document_no is not null"),
            ("penalty_area", "decided_on", "penalties_decided", "1", "1 = 1"),
            ("penalty_area", "decided_on", "suspensions", "1", "is_suspension"),
            ("penalty_area", "closure_proposed_on", "closures_proposed", "1", "1 = 1"),
            ("penalty_area", "decided_on", "fine_wan", "fine_yuan / 10000", "1 = 1"),
            ("penalty_area", "decided_on", "daily_fine_wan", "fine_yuan / 10000", "not is_accident_penalty"),
            ("penalty_area", "decided_on", "accident_fine_wan", "fine_yuan / 10000", "is_accident_penalty"),
            ("penalty_area", "decided_on", "confiscated_wan", "confiscated_yuan / 10000", "1 = 1"),
        ] %}
            select
                {{ month_start(day) }} as month_start,
                area_code,
                section_code,
                '{{ measure }}' as measure_code,
                cast({{ amount }} as decimal(20, 6)) as amount,
                {{ day }} <= {{ year_before(as_of()) }} as is_by_the_same_day
            from {{ relation }}
            where {{ day }} <= {{ as_of() }} and {{ condition }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    monthly as (
        select
            month_start,
            area_code,
            section_code,
            measure_code,
            sum(amount) as amount,
            sum(case when is_by_the_same_day then amount else 0 end) as amount_by_the_same_day
        from daily
        group by month_start, area_code, section_code, measure_code
    ),

    with_total as (
        select month_start, area_code, section_code, measure_code, amount, amount_by_the_same_day
        from monthly
        union all
        select month_start, area_code, 'all', measure_code, sum(amount), sum(amount_by_the_same_day)
        from monthly
        group by month_start, area_code, measure_code
    ),

    spine as (
        select
            month.month_start,
            cast(date_trunc('year', month.month_start) as date) as year_start,
            seen.area_code,
            seen.section_code,
            measure.measure_code,
            measure.measure_name,
            measure.measure_unit,
            measure.measure_order,
            known.first_month
            <= {{ add_months("cast(date_trunc('year', month.month_start) as date)", -12) }} as has_last_year
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join (select distinct area_code, section_code from with_total) as seen
        cross join (select min(month_start) as first_month from monthly) as known
        cross join
            (
                {% for code, name, unit in measures %}
                    select
                        '{{ code }}' as measure_code,
                        '{{ name }}' as measure_name,
                        '{{ unit }}' as measure_unit,
                        {{ loop.index }} as measure_order
                    {% if not loop.last %}
                        union all
                    {% endif %}
                {% endfor %}
            ) as measure
        where month.month_start between known.first_month and {{ as_of() }}
    ),

    summed as (
        select
            spine.month_start,
            spine.area_code,
            spine.section_code,
            spine.measure_code,
            spine.measure_name,
            spine.measure_unit,
            spine.measure_order,
            cast(
                coalesce(sum(case when told.month_start = spine.month_start then told.amount end), 0) as decimal(20, 4)
            ) as value_month,
            cast(
                coalesce(sum(case when told.month_start >= spine.year_start then told.amount end), 0) as decimal(20, 4)
            ) as value_ytd,
            case
                when spine.has_last_year
                then
                    cast(
                        coalesce(
                            sum(
                                case
                                    when told.month_start > {{ add_months("spine.month_start", -12) }}
                                    then null
                                    when spine.month_start = {{ month_start(as_of()) }}
                                    then told.amount_by_the_same_day
                                    else told.amount
                                end
                            ),
                            0
                        ) as decimal(20, 4)
                    )
            end as value_ytd_last_year
        from spine
        left join
            with_total as told
            on spine.area_code = told.area_code
            and spine.section_code = told.section_code
            and spine.measure_code = told.measure_code
            and told.month_start between {{ add_months("spine.year_start", -12) }} and spine.month_start
        group by
            spine.month_start,
            spine.area_code,
            spine.section_code,
            spine.measure_code,
            spine.measure_name,
            spine.measure_unit,
            spine.measure_order,
            spine.has_last_year
    )

select
    summed.month_start,
    summed.area_code,
    summed.section_code,
    summed.measure_code,
    area.area_name,
    area.area_level,
    area.area_order,
    case when summed.section_code = 'all' then '合计' else coalesce(section.name, '未知') end as section_name,
    summed.measure_name,
    cast(summed.measure_order as bigint) as measure_order,
    summed.measure_unit,
    summed.value_month,
    summed.value_ytd,
    summed.value_ytd_last_year,
    {{ change_ratio("summed.value_ytd", "summed.value_ytd_last_year") }} as change_ratio,
    case
        when summed.measure_unit = '万元'
        then {{ change_text("summed.value_ytd", "summed.value_ytd_last_year", 2) }}
        else {{ change_text("summed.value_ytd", "summed.value_ytd_last_year") }}
    end as change_text,
    {{ as_of() }} as as_of
from summed
inner join {{ ref("dim_district") }} as area on summed.area_code = area.area_code
left join {{ ref("code_industry") }} as section on summed.section_code = section.code and section.level = 'section'
