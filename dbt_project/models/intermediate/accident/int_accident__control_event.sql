-- One row per counted accident, area it belongs to and scope of control targets it falls into (合计、领域、行业分组). Scopes and
-- levels of areas overlap: filter one of each, then count.
with
    scoped as (
        select
            accident.occurred_on,
            accident.district_code,
            accident.functional_zone_code,
            accident.deaths,
            case when accident.is_relatively_serious_or_above then 1 else 0 end as relatively_serious_or_above,
            scope.scope_code
        from {{ ref("fct_accident") }} as accident
        inner join
            (
                select 'all' as scope_code
                union all
                select accident_domain
                from {{ ref("accident_domain") }}
                union all
                select distinct work_group_code
                from {{ ref("accident_work_group") }}
            ) as scope
            on scope.scope_code in ('all', accident.accident_domain, accident.work_group_code)
        where accident.is_statistical and accident.occurred_on <= {{ as_of() }}
    ),

    event as ({{ by_area("scoped", ["occurred_on", "scope_code", "deaths", "relatively_serious_or_above"]) }})

select area_code, scope_code, occurred_on, 'accidents' as indicator_code, cast(1 as bigint) as amount
from event
union all
select area_code, scope_code, occurred_on, 'deaths', cast(deaths as bigint)
from event
union all
select area_code, scope_code, occurred_on, 'relatively_serious_or_above', cast(relatively_serious_or_above as bigint)
from event
