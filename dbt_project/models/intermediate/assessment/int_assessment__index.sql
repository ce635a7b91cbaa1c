-- One row per month × assessed area × indicator: everything that must have a score, whether or not data came.
select
    periods.month_start,
    periods.measured_on,
    areas.area_code,
    areas.area_name,
    areas.area_order,
    indicators.indicator_code
from {{ ref("int_assessment__period") }} as periods
cross join {{ ref("dim_district") }} as areas
join
    {{ ref("int_assessment__indicator") }} as indicators
    on indicators.valid_from <= periods.measured_on
    and (indicators.valid_to is null or indicators.valid_to >= periods.measured_on)
where areas.area_level in ('district', 'functional_zone')
