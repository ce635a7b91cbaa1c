-- One row per month × assessed area × indicator: everything that must have a score, whether or not data came.
select
    periods.month_start, periods.measured_on, area.area_code, area.area_name, area.area_order, indicator.indicator_code
from {{ ref("int_assessment__period") }} as periods
cross join {{ ref("dim_district") }} as area
join
    {{ ref("int_assessment__indicator") }} as indicator
    on indicator.valid_from <= periods.measured_on
    and (indicator.valid_to is null or indicator.valid_to >= periods.measured_on)
where area.area_level in ('district', 'functional_zone')
