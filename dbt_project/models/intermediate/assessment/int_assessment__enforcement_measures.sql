-- One row per month × area × enforcement indicator: numerator and denominator over the last 12 months.
with
    random_window as (
        select
            periods.month_start,
            monthly.area_code,
            sum(monthly.random_inspections) as random_inspections,
            sum(monthly.inspections) as inspections
        from {{ ref("int_assessment__period") }} as periods
        join
            {{ ref("agg_inspection_month") }} as monthly
            on monthly.month_start between periods.window_start and periods.month_start
        where monthly.department_code = 'yjgl'
        group by periods.month_start, monthly.area_code
    ),

    key_enterprise as (
        select distinct
            periods.month_start,
            periods.measured_on,
            enterprises.entity_id,
            enterprises.district_code,
            enterprises.functional_zone_code
        from {{ ref("int_assessment__period") }} as periods
        join
            {{ ref("int_core__key_supervision_latest") }} as listed
            on listed.listed_on <= periods.measured_on
            and (listed.delisted_on is null or listed.delisted_on > periods.measured_on)
        join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = listed.uscc
        where enterprises.is_active
    ),

    inspected as (
        select distinct key_enterprise.month_start, key_enterprise.entity_id
        from key_enterprise
        join
            {{ ref("fct_inspection") }} as inspections
            on inspections.entity_id = key_enterprise.entity_id
            and inspections.inspected_on <= key_enterprise.measured_on
            and inspections.inspected_on > {{ year_before("key_enterprise.measured_on") }}
    ),

    coverage as (
        select
            key_enterprise.month_start,
            key_enterprise.district_code,
            key_enterprise.functional_zone_code,
            case when inspected.entity_id is not null then 1 else 0 end as is_inspected
        from key_enterprise
        left join
            inspected
            on inspected.month_start = key_enterprise.month_start
            and inspected.entity_id = key_enterprise.entity_id
    ),

    coverage_window as (
        select month_start, area_code, sum(is_inspected) as inspected, count(*) as enterprises
        from ({{ by_area("coverage", ["month_start", "is_inspected"]) }}) as coverage_areas
        group by month_start, area_code
    ),

    penalty_window as (
        -- a case is judged once its ninetieth day is over
        select
            periods.month_start,
            cases.area_code,
            sum(case when cases.days_to_decision <= 90 then 1 else 0 end) as within_90_days,
            count(*) as cases
        from {{ ref("int_assessment__period") }} as periods
        join
            ({{ by_area(ref("fct_penalty"), ["filed_on", "days_to_decision"]) }}) as cases
            on {{ add_days("cases.filed_on", 90) }}
            between periods.window_start and {{ add_days("periods.measured_on", -1) }}
        group by periods.month_start, cases.area_code
    )

select
    month_start,
    area_code,
    'random_inspection_share' as indicator_code,
    cast(random_inspections as double) as numerator,
    cast(inspections as double) as denominator
from random_window
union all
select month_start, area_code, 'key_enterprise_coverage', cast(inspected as double), cast(enterprises as double)
from coverage_window
union all
select month_start, area_code, 'penalty_within_90_days_rate', cast(within_90_days as double), cast(cases as double)
from penalty_window
