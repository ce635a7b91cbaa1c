-- One row per month × assessed area × indicator of the expected index: numerator, denominator and value.
select
    expected.month_start,
    expected.area_code,
    expected.indicator_code,
    expected.area_name,
    expected.area_order,
    indicator.indicator_name,
    measure.numerator,
    measure.denominator,
    measure.value,
    case
        when measure.indicator_code is null
        then 'not_applicable'
        when measure.value is null
        then 'no_denominator'
        else 'measured'
    end as status,
    expected.measured_on as as_of
from {{ ref("int_assessment__index") }} as expected
join {{ ref("int_assessment__indicator") }} as indicator on indicator.indicator_code = expected.indicator_code
left join
    {{ ref("int_assessment__measure") }} as measure
    on measure.month_start = expected.month_start
    and measure.area_code = expected.area_code
    and measure.indicator_code = expected.indicator_code
