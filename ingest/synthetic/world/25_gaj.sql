-- Permits for civil explosives: an old system that knows organisation codes only.
create view pool_blasting as
select * from live
where kind = 'enterprise' and (division in ('08', '09', '10', '47', '48') or industry_code in ('2672', '5021') or place_in_line <= 8);

create view v_gaj__explosive_permit as
with
    permit as (
        select
            *,
            pick(n, 'explosive_permit kind', ['purchase', 'purchase', 'transport', 'transport', 'blasting']) as permit_kind,
            rint(n, 'explosive_permit term', 7, 180)::int as term
        from events('explosive_permit', getvariable('rows_gaj__explosive_permit') / 1.4, 'working', 'pool_blasting', 1.2)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'explosive_permit issued') as updated_at from permit
        union all
        select *, 2, office_time(day + term + rint(n, 'explosive_permit back', 0, 10)::int, n, 'explosive_permit returned')
        from permit
        where rnd(n, 'explosive_permit returns') < 0.8
    )

select
    '32010' || case permit_kind when 'purchase' then 'G' when 'transport' then 'Y' else 'B' end || strftime(day, '%Y%m') || lpad(n::varchar, 6, '0')
        as permit_no,
    permit_kind,
    loosely(name, n, 'explosive_permit name') as enterprise_name,
    case when rnd(n, 'explosive_permit code') < 0.9 then substr(uscc, 9, 9) end as organization_code,
    district_code,
    loosely(address, n, 'explosive_permit place') as address,
    brand(n % 90, 'explosive_permit project') || pick(n, 'explosive_permit works', ['矿区开采工程', '隧道工程', '场平爆破工程', '烟囱拆除工程']) as project_name,
    case when permit_kind = 'blasting' then pick(n, 'explosive_permit grade', ['B', 'C', 'C', 'D', 'D', 'D', 'A']) end as blasting_grade,
    pick(n, 'explosive_permit what', ['explosive', 'explosive', 'detonator', 'cord', 'fuse']) as explosive_kind,
    (24 * rint(n, 'explosive_permit kg', 1, 200))::decimal(18, 2) as quantity_kg,
    case when rnd(n, 'explosive_permit caps') < 0.6 then 10 * rint(n, 'explosive_permit detonators', 1, 200) end as detonators,
    person(n, 'explosive_permit handler') as handler_name,
    identity_number(
        '320100' || strftime(getvariable('as_of') - (365 * rint(n, 'explosive_permit age', 25, 58) + rint(n, 'explosive_permit born', 1, 300))::int, '%Y%m%d')
        || lpad((2 * rint(n, 'explosive_permit serial', 0, 499) + 1)::varchar, 3, '0')
    ) as handler_id_number,
    day as issued_on,
    day + term as valid_until,
    case version when 1 then 'valid' else case when rnd(n, 'explosive_permit end') < 0.97 then 'used' else 'revoked' end end as permit_status,
    updated_at,
    entity_id as true_entity_id
from versions;

-- The police's monthly return of all road traffic, vehicles for hire and private ones alike; what was reported one by one
-- is a part of it. It comes out on the tenth of the next month; the figures of December are revised once, in March.
create table v_gaj__road_traffic_month as
with
    told as (
        select district_code, date_trunc('month', occurred_at)::date as month_start, count(*) as accidents, sum(deaths) as deaths,
            sum(injuries) as injured
        from (select * from v_gaj__road_accident qualify row_number() over (partition by road_accident_id order by updated_at desc) = 1)
        where record_status = 'valid'
        group by all
    ),

    month as (
        select m::date as month_start
        from generate_series(getvariable('history_start')::timestamp, getvariable('as_of')::timestamp, interval 1 month) as t(m)
    ),

    -- beside them those of private vehicles: some 1.2 killed a year for every ten thousand vehicles
    drawn as (
        select e.district_code, m.month_start, e.district_code || strftime(m.month_start, '%Y%m') as k, e.vehicles
        from economy as e cross join month as m
    ),

    counted as (
        select
            d.*,
            coalesce(t.deaths, 0) + floor(d.vehicles * 0.1 * (0.6 + 0.8 * rnd(k, 'road_traffic killed')) + rnd(k, 'road_traffic rounding'))::bigint
                as deaths,
            coalesce(t.accidents, 0) + round(d.vehicles * 0.5 * (0.7 + 0.6 * rnd(k, 'road_traffic many')))::bigint as accidents,
            coalesce(t.injured, 0) + round(d.vehicles * 0.45 * (0.6 + 0.8 * rnd(k, 'road_traffic hurt')))::bigint as injured
        from drawn as d left join told as t using (district_code, month_start)
    ),

    released as (
        select *, (month_start + interval 1 month + interval 9 day)::date as released_on, 0 as more from counted
        union all
        select *, make_date(year(month_start)::int + 1, 3, 15), 1
        from counted
        where month(month_start) = 12 and rnd(k, 'road_traffic revised') < 0.5
    )

select
    district_code,
    year(month_start) as year,
    month(month_start) as month_number,
    accidents::bigint as accidents,
    (deaths + more)::bigint as deaths,
    injured::bigint as injured,
    released_on
from released;
