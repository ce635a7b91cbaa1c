-- Whoever went to a colour is its stock of the month, whoever came from it its stock of the month before, in every
-- area.
-- Returns what does not balance.
with
    stock as (select month_start, area_code, colour, enterprises from {{ ref("agg_credit_month") }}),

    arrived as (
        select month_start, area_code, to_colour as colour, sum(enterprises) as enterprises
        from {{ ref("agg_credit_migration") }}
        group by month_start, area_code, to_colour
    ),

    left_from as (
        select
            {{ add_months("month_start", -1) }} as month_start,
            area_code,
            from_colour as colour,
            sum(enterprises) as enterprises
        from {{ ref("agg_credit_migration") }}
        group by {{ add_months("month_start", -1) }}, area_code, from_colour
    )

select
    'to' as side,
    stock.month_start,
    stock.area_code,
    stock.colour,
    stock.enterprises as stock,
    arrived.enterprises as moved
from stock
join
    arrived
    on arrived.month_start = stock.month_start
    and arrived.area_code = stock.area_code
    and arrived.colour = stock.colour
where stock.enterprises <> arrived.enterprises
union all
select 'from', stock.month_start, stock.area_code, stock.colour, stock.enterprises, left_from.enterprises
from stock
join
    left_from
    on left_from.month_start = stock.month_start
    and left_from.area_code = stock.area_code
    and left_from.colour = stock.colour
where stock.enterprises <> left_from.enterprises
