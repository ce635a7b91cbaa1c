-- One row per month × assessed area × indicator of the expected index: numerator, denominator and value.
select
    expected.month_start,
    expected.area_code,
    expected.indicator_code,
    expected.area_name,
    expected.area_order,
    indicators.indicator_name,
    measures.numerator,
    measures.denominator,
    measures.value,
    case
        when measures.indicator_code is null
        then 'not_applicable'
        when measures.value is null
        then 'no_denominator'
        else 'measured'
    end as status,
    expected.measured_on as as_of
from {{ ref("int_assessment__index") }} as expected
join {{ ref("int_assessment__indicator") }} as indicators on indicators.indicator_code = expected.indicator_code
left join
    {{ ref("int_assessment__measure") }} as measures
    on measures.month_start = expected.month_start
    and measures.area_code = expected.area_code
    and measures.indicator_code = expected.indicator_code
