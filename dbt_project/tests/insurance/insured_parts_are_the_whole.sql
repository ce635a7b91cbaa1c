-- The parts are the whole: the items of every dimension sum to the area's enterprises that must be insured, are, and
-- were, in every month; and what the indicators say is what the monthly table says. Returns what differs.
with
    part as (
        select
            month_start,
            area_code,
            dimension_code,
            sum(in_scope_enterprises) as in_scope,
            sum(insured_enterprises) as insured,
            sum(lapsed_enterprises) as lapsed
        from {{ ref("rpt_insurance_breakdown") }}
        group by month_start, area_code, dimension_code
    )

select part.dimension_code as what, part.area_code, part.month_start
from part
inner join
    {{ ref("agg_insurance_month") }} as whole
    on part.month_start = whole.month_start
    and part.area_code = whole.area_code
where
    part.in_scope <> whole.in_scope_enterprises
    or part.insured <> whole.insured_enterprises
    or part.lapsed <> whole.lapsed_enterprises
union all
select indicator.indicator_code, indicator.area_code, indicator.month_start
from {{ ref("rpt_insurance_indicator") }} as indicator
inner join
    {{ ref("agg_insurance_month") }} as whole
    on indicator.month_start = whole.month_start
    and indicator.area_code = whole.area_code
where
    indicator.period_kind = 'month'
    and indicator.indicator_code = 'uninsured'
    and indicator.value <> whole.in_scope_enterprises - whole.insured_enterprises
union all
select 'claims_open', whole.area_code, whole.month_start
from {{ ref("agg_insurance_month") }} as whole
cross join
    (
        select count(*) as claims
        from {{ ref("fct_claim") }}
        where claim_status = 'open' and reported_on <= {{ as_of() }}
    ) as outstanding
where
    whole.area_code = '{{ var("city_code") }}'
    and whole.month_start = {{ month_start(as_of()) }}
    and whole.claims_open <> outstanding.claims
