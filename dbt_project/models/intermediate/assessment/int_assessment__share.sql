-- One row per month × area × indicator with a value: the share of its full points (0 to 100) under its method.
-- control_target 控制指标: full within the target, each unit above it costs unit_deduction points
-- deduction 扣分: each unit_step of the value costs unit_deduction points
-- completion 完成率: value ÷ target
-- efficacy 功效系数: 60 + 40 × (value − unacceptable) ÷ (satisfactory − unacceptable)
-- yoy 同比改善: 0 at the unacceptable change, 100 at the satisfactory one, linear between
-- banded 分档: the share of the highest band whose lower bound is reached
-- veto 一票否决: nothing once the target value is reached
-- Every share is clamped to the indicator's floor and cap.
with
    measured as (
        select
            values_of_areas.month_start,
            values_of_areas.area_code,
            values_of_areas.indicator_code,
            cast(values_of_areas.value as double) as value,
            cast(values_of_areas.denominator as double) as denominator,
            indicator.method,
            cast(indicator.weight as double) as weight,
            cast(indicator.target_value as double) as target_value,
            cast(indicator.base_points as double) as base_points,
            cast(indicator.floor_points as double) as floor_points,
            cast(indicator.cap_points as double) as cap_points,
            cast(indicator.unit_deduction as double) as unit_deduction,
            cast(indicator.unit_step as double) as unit_step,
            indicator.bound_basis,
            cast(indicator.satisfactory_value as double)
            * case when indicator.bound_basis = 'city_ratio' then cast(city.value as double) else 1 end as satisfactory,
            cast(indicator.unacceptable_value as double)
            * case when indicator.bound_basis = 'city_ratio' then cast(city.value as double) else 1 end as unacceptable
        from {{ ref("int_assessment__measure") }} as values_of_areas
        join
            {{ ref("int_assessment__indicator") }} as indicator
            on indicator.indicator_code = values_of_areas.indicator_code
        left join
            {{ ref("int_assessment__measure") }} as city
            on city.month_start = values_of_areas.month_start
            and city.indicator_code = values_of_areas.indicator_code
            and city.area_code = '{{ var("city_code") }}'
        where values_of_areas.area_code <> '{{ var("city_code") }}' and values_of_areas.value is not null
    ),

    banded as (
        select
            measured.month_start,
            measured.area_code,
            measured.indicator_code,
            band.band_name,
            cast(band.share as double) as share,
            row_number() over (
                partition by measured.month_start, measured.area_code, measured.indicator_code
                order by band.min_value desc nulls last
            ) as band_rank
        from measured
        join
            {{ ref("assessment_band") }} as band
            on band.rule_version = '{{ var("assessment_rule_version", "demo_2026_v1") }}'
            and band.indicator_code = measured.indicator_code
            and measured.value >= cast(band.min_value as double)
    ),

    shares as (
        select
            measured.*,
            banded.band_name,
            case
                measured.method
                when 'control_target'
                then
                    measured.base_points
                    - 100
                    * measured.unit_deduction
                    * greatest(measured.value - measured.denominator, 0)
                    / measured.unit_step
                    / measured.weight
                when 'deduction'
                then
                    measured.base_points
                    - 100 * measured.unit_deduction * (measured.value / measured.unit_step) / measured.weight
                when 'completion'
                then 100 * measured.value / measured.target_value
                when 'efficacy'
                then
                    case
                        -- the whole city without a case: the bounds meet and there is nothing to tell apart
                        when measured.satisfactory = measured.unacceptable
                        then measured.cap_points
                        else
                            measured.base_points
                            + (100 - measured.base_points)
                            * (measured.value - measured.unacceptable)
                            / (measured.satisfactory - measured.unacceptable)
                    end
                when 'yoy'
                then 100 * (measured.value - measured.unacceptable) / (measured.satisfactory - measured.unacceptable)
                when 'banded'
                then banded.share
                when 'veto'
                then case when measured.value >= measured.target_value then 0 else 100 end
            end as raw_share
        from measured
        left join
            banded
            on banded.month_start = measured.month_start
            and banded.area_code = measured.area_code
            and banded.indicator_code = measured.indicator_code
            and banded.band_rank = 1
    )

select
    month_start,
    area_code,
    indicator_code,
    band_name,
    satisfactory,
    unacceptable,
    cast(least(greatest(raw_share, floor_points), cap_points) as decimal(12, 6)) as share
from shares
where raw_share is not null
