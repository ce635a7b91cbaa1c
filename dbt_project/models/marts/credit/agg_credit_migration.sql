-- One row per month × area × colour of the month before × colour of the month: how many enterprises went that way; none
-- stands for not scored (entering: newly founded; leaving: closed). The rows to a colour sum to the stock of the month,
-- those from it to the stock of the month before. Enterprises belong to the area of their latest registration.
with
    scores as (
        select
            entity_id,
            month_start,
            district_code,
            functional_zone_code,
            colour,
            lag(colour) over (partition by entity_id order by month_start asc nulls last) as colour_before,
            lead(month_start) over (partition by entity_id order by month_start asc nulls last) as next_scored
        from {{ ref("int_credit__score_month") }}
    ),

    months as (
        select month_start, lag(month_start) over (order by month_start asc nulls last) as month_before
        from {{ ref("int_core__measuring_month") }}
    ),

    moves as (
        select
            scores.month_start,
            scores.district_code,
            scores.functional_zone_code,
            coalesce(scores.colour_before, 'none') as from_colour,
            scores.colour as to_colour
        from scores
        join months on months.month_start = scores.month_start
        where months.month_before is not null
        union all
        -- an enterprise is scored without a gap from its founding to its closing, so that the last score is the way out
        select months.month_start, scores.district_code, scores.functional_zone_code, scores.colour, 'none'
        from scores
        join months on months.month_before = scores.month_start
        where scores.next_scored is null
    ),

    counted as (
        select month_start, area_code, from_colour, to_colour, count(*) as enterprises
        from ({{ by_area("moves", ["month_start", "from_colour", "to_colour"]) }}) as move_areas
        group by month_start, area_code, from_colour, to_colour
    ),

    sides as (
        select colour, colour_name, colour_order
        from {{ ref("credit_colour_band") }}
        where rule_version = '{{ var("credit_rule_version") }}'
        union all
        select 'none', '未评分', 5
    )

select
    months.month_start,
    area.area_code,
    befores.colour as from_colour,
    afters.colour as to_colour,
    area.area_name,
    area.area_level,
    area.area_order,
    befores.colour_name as from_colour_name,
    afters.colour_name as to_colour_name,
    cast(befores.colour_order as bigint) as from_order,
    cast(afters.colour_order as bigint) as to_order,
    case
        when befores.colour = 'none'
        then '新纳入'
        when afters.colour = 'none'
        then '退出'
        when afters.colour_order > befores.colour_order
        then '降级'
        when afters.colour_order < befores.colour_order
        then '升级'
        else '不变'
    end as direction,
    cast(coalesce(counted.enterprises, 0) as bigint) as enterprises,
    '{{ var("credit_rule_version") }}' as rule_version
from months
cross join {{ ref("dim_district") }} as area
cross join sides as befores
cross join sides as afters
left join
    counted
    on counted.month_start = months.month_start
    and counted.area_code = area.area_code
    and counted.from_colour = befores.colour
    and counted.to_colour = afters.colour
where months.month_before is not null and not (befores.colour = 'none' and afters.colour = 'none')
