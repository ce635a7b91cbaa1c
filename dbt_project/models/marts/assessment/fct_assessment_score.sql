-- One row per month × assessed area × indicator: points, and in words how they came about.
-- The weight of what cannot be measured is spread over the rest in proportion (权重再分配), so that every area is
-- judged out of 100; points are rounded half up to 2 decimals only here.
with
    weighted as (
        select
            figure.month_start,
            figure.area_code,
            figure.indicator_code,
            figure.area_name,
            figure.area_order,
            figure.value,
            figure.denominator,
            case
                when figure.status = 'measured' and shares.share is null then 'no_denominator' else figure.status
            end as status,
            shares.share,
            shares.band_name,
            shares.satisfactory,
            shares.unacceptable,
            cast(indicator.weight as double) as weight,
            sum(case when shares.share is not null then cast(indicator.weight as double) end) over (
                partition by figure.month_start, figure.area_code
            ) as measured_weight,
            indicator.indicator_name,
            indicator.display_order,
            indicator.category,
            indicator.method,
            indicator.method_name,
            indicator.unit,
            indicator.target_value,
            indicator.unit_deduction,
            indicator.rule_version
        from {{ ref("fct_indicator_value") }} as figure
        join {{ ref("dim_indicator") }} as indicator on indicator.indicator_code = figure.indicator_code
        left join
            {{ ref("int_assessment__share") }} as shares
            on shares.month_start = figure.month_start
            and shares.area_code = figure.area_code
            and shares.indicator_code = figure.indicator_code
    ),

    scored as (
        select
            weighted.*,
            case when share is not null then {{ half_up("weight * 100 / measured_weight") }} end as points_full,
            case
                when share is not null
                then {{ half_up("weight * 100 / measured_weight * cast(share as double) / 100") }}
            end as points
        from weighted
    ),

    told as (
        select
            scored.*,
            {{ value_text("value", "unit") }} as value_text,
            {{ value_text("target_value", "unit") }} as target_text,
            {{ value_text("satisfactory", "unit") }} as satisfactory_text,
            {{ value_text("unacceptable", "unit") }} as unacceptable_text,
            concat('得 ', cast(points as varchar), ' 分（满分 ', cast(points_full as varchar), ' 分）') as points_text
        from scored
    )

select
    month_start,
    area_code,
    indicator_code,
    area_name,
    area_order,
    indicator_name,
    display_order,
    category,
    value,
    cast(weight as decimal(8, 2)) as weight,
    cast(points_full as decimal(8, 2)) as points_full,
    cast(points as decimal(8, 2)) as points,
    status,
    case
        when status = 'not_applicable'
        then concat('不适用：本板块无此项数据，权重 ', cast(cast(weight as decimal(8, 2)) as varchar), ' 按比例分摊到其余指标')
        when status = 'no_denominator'
        then concat('无可比基数，不计分：权重 ', cast(cast(weight as decimal(8, 2)) as varchar), ' 按比例分摊到其余指标')
        when method = 'control_target'
        then
            concat(
                '控制指标法：本年累计 ',
                value_text,
                '，时序控制目标 ',
                cast(cast(denominator as bigint) as varchar),
                ' ',
                unit,
                case
                    when value > denominator
                    then
                        concat(
                            '，超 ',
                            cast(cast(value - denominator as bigint) as varchar),
                            ' ',
                            unit,
                            '，每超 1 ',
                            unit,
                            '扣 ',
                            cast(unit_deduction as varchar),
                            ' 分（按满分折算，扣完为止），'
                        )
                    else '，未突破，'
                end,
                points_text
            )
        when method = 'veto'
        then concat('一票否决项：', value_text, case when share = 0 then '，触发否决，' else '，未触发，' end, points_text)
        when method = 'completion'
        then
            concat(
                '完成率法：实际 ',
                value_text,
                '，目标 ',
                target_text,
                '，完成 ',
                cast({{ half_up("share", 1) }} as varchar),
                '%（上限 100%），',
                points_text
            )
        when method = 'efficacy'
        then
            concat(
                '功效系数法：实际 ',
                value_text,
                '，满意值 ',
                satisfactory_text,
                '，不容许值 ',
                unacceptable_text,
                '，功效系数 ',
                cast({{ half_up("share", 1) }} as varchar),
                '，',
                points_text
            )
        when method = 'yoy'
        then concat('同比改善法：同比 ', value_text, '，满分线 ', satisfactory_text, '，零分线 ', unacceptable_text, '，', points_text)
        when method = 'banded'
        then
            concat(
                '分档法：实际 ',
                value_text,
                '，落在',
                band_name,
                '，按 ',
                cast({{ half_up("share", 0) }} as varchar),
                '% 计，',
                points_text
            )
        when method = 'deduction'
        then concat('扣分法：实际 ', value_text, '，扣 ', cast(points_full - points as varchar), ' 分，', points_text)
    end as explanation,
    rule_version
from told
