-- Registers that change slowly: industry (工信), fishing boats (农业农村), shopping centres (商务); cases on the water (海事).
create view v_gxj__industrial_enterprise as
with
    firm as (
        select e.*, row_number() over (order by e.tail * e.persons desc, e.i) as rank
        from entity as e where e.i in (select i from looked_after where department = 'gxj')
    ),

    yearly as (
        select f.*, y::bigint as year, f.i * 10 + (y % 10) as k
        from firm as f, unnest(range(year(getvariable('history_start')), year(getvariable('as_of')))) as t(y)
        where f.rank <= greatest(20, getvariable('rows_gxj__industrial_enterprise') / 2.8) and year(f.established_on) <= y and (f.closed_on is null or year(f.closed_on) >= y)
    ),

    versions as (
        select *, 1 as version, make_date(year::int + 1, 2, 1) + rint(k, 'firm told', 0, 40)::int as on_day from yearly
        union all
        select *, 2, make_date(year::int + 1, 6, 1) + rint(k, 'firm revised', 0, 25)::int from yearly where rnd(k, 'firm revises') < 0.3
    )

select
    'GS' || year::varchar || lpad(i::varchar, 7, '0') as record_no,
    year,
    uscc,
    name as enterprise_name,
    district_code,
    street_code,
    -- a few are still under a class of GB/T 4754-2011 (汽车整车制造) that the edition of 2017 no longer has
    case when year(established_on) < 2018 and rnd(i, 'firm edition') < 0.04 then '3610' else industry_code end as industry_code,
    case when rnd(i, 'park') < 0.55 then pick(i, 'which park', ['南京经济技术开发区', '江宁经济技术开发区', '江北新材料科技园', '溧水经济开发区', '高淳经济开发区', '六合经济开发区']) end as park_name,
    greatest(10, round(persons * (0.9 + 0.2 * rnd(k, 'firm persons'))))::bigint as employees,
    (10000 * round(persons * (40 + 160 * rnd(i, 'firm output')) * (1 + 0.05 * (year - 2023)) * case version when 2 then 1.01 else 1 end))::decimal(18, 2) as output_yuan,
    (10000 * round(persons * (38 + 150 * rnd(i, 'firm output')) * (1 + 0.05 * (year - 2023))))::decimal(18, 2) as revenue_yuan,
    round(persons * (1 + 12 * rnd(i, 'firm energy') * attention))::decimal(18, 2) as energy_tce,
    case when rnd(i, 'firm tier') < 0.78 then 'ordinary' when rnd(i, 'firm tier') < 0.94 then 'specialised' when rnd(i, 'firm tier') < 0.99 then 'little_giant'
        else 'leading' end as tier,
    case when closed_on is not null and year(closed_on) = year then 'closed' when rnd(k, 'firm runs') < 0.94 then 'running' when rnd(k, 'firm runs') < 0.98 then 'partial'
        else 'halted' end as operation,
    phone as contact_phone,
    office_time(on_day, k, 'firm typed in') as updated_at
from versions;

create view v_nyncj__fishing_vessel as
with
    firm as (
        select uscc, name, entity_id, row_number() over (order by i) as place
        from entity where kind = 'enterprise' and industry_code in ('0412', '0422', '5523')
    ),

    home as (
        select n, d.district_code, d.short_name, rnd(n, 'boat belongs') < 0.3 as is_let, 1 + floor(rnd(n, 'boat firm') * (select count(*) from firm))::bigint as firm_place
        from (
            select n, 0.35 + 0.65 * rnd(n, 'boat where') as where_at
            from range(1, (getvariable('rows_nyncj__fishing_vessel') / 2.2)::bigint + 1) as t(n)
        ) as p
        asof join district_share as d on p.where_at >= d.share_from
    ),

    boat as (
        select h.*, f.uscc, f.name,
            getvariable('history_start') - rint(n, 'boat built', 200, 7000)::int as built_on,
            getvariable('history_start') - 60 + floor((getvariable('as_of') - getvariable('history_start')) * rnd(n, 'boat known'))::int as on_day
        from home as h left join firm as f on h.is_let and f.place = h.firm_place
    ),

    versions as (
        select *, 1 as version, 'operating' as state, on_day as told_on from boat
        union all
        select *, 2, 'operating', on_day + 365 from boat where rnd(n, 'boat surveyed') < 0.9
        union all
        select *, 3, case when rnd(n, 'boat end') < 0.06 then 'scrapped' when rnd(n, 'boat end') < 0.09 then 'deregistered' when rnd(n, 'boat end') < 0.2 then 'laid_up'
            else 'operating' end, on_day + 730 from boat where rnd(n, 'boat surveyed') < 0.8
    )

select
    '3201' || lpad((n * 97 % 100000000)::varchar, 8, '0') as vessel_no,
    '苏宁' || substr(short_name, 1, 1) || '渔' || lpad(n::varchar, 5, '0') as vessel_name,
    person(n, 'boat owner') as owner_name,
    invented_phone(n, 'boat phone') as owner_phone,
    name as enterprise_name,
    uscc,
    district_code,
    pick(n, 'harbour', ['固城湖渔港', '石臼湖渔港', '长江浦口锚地', '滁河渔港', '龙袍渔港']) as port,
    pick(n, 'boat kind', ['farming', 'farming', 'farming', 'fishing', 'auxiliary', 'leisure']) as vessel_kind,
    round(5 + 18 * pow(rnd(n, 'boat length'), 2), 2)::decimal(6, 2) as length_m,
    round(6 + 160 * pow(rnd(n, 'boat power'), 2))::decimal(18, 2) as power_kw,
    round(1 + 40 * pow(rnd(n, 'boat length'), 2))::decimal(18, 2) as gross_tonnage,
    built_on,
    told_on + 365 as certificate_valid_until,
    rnd(n * 4 + version, 'beidou') < 0.5 + 0.12 * version as has_beidou,
    rnd(n * 4 + version, 'boat insured') < 0.72 as is_insured,
    state as vessel_status,
    office_time(told_on, n * 4 + version, 'boat typed in') as updated_at
from versions;

create view v_swt__commercial_complex as
with
    operator as (
        select *, row_number() over (order by rnd(i, 'runs complex'), i) as n
        from entity where kind = 'enterprise' and industry_code in ('7010', '7020', '5211', '5212') and closed_on is null
    ),

    versions as (
        select *, v as version, greatest(established_on + 30, getvariable('history_start') - 30) + 91 * v::int + rint(n * 16 + v, 'complex told', 0, 20)::int as on_day
        from operator, unnest(range(1, 13)) as t(v)
        where n <= greatest(10, getvariable('rows_swt__commercial_complex') / 4.7)
    )

select
    'SY' || lpad(n::varchar, 5, '0') as complex_no,
    brand(n, 'complex') || pick(n, 'complex kind', ['广场', '购物中心', '天地', '奥莱', '城市综合体', '生活广场']) as enterprise_name,
    case when rnd(n, 'complex coded') < 0.85 then uscc end as uscc,
    name as operator_name,
    district_code,
    street_code,
    address,
    (1000 * rint(n, 'complex area', 12, 260))::decimal(18, 2) as floor_area_m2,
    rint(n, 'complex up', 3, 9) as floors_above,
    rint(n, 'complex down', 0, 4) as floors_below,
    rint(n * 16 + version, 'complex food', 10, 140) as catering_units,
    (1000 * rint(n * 16 + version, 'complex crowd', 3, 90))::bigint as peak_visitors,
    least(established_on + 200, on_day) as opened_on,
    person(n, 'complex fire') as fire_manager_name,
    invented_phone(n, 'complex phone') as fire_manager_phone,
    case when rnd(n * 16 + version, 'complex state') < 0.95 then 'open' when rnd(n * 16 + version, 'complex state') < 0.99 then 'renovating' else 'closed' end
        as complex_status,
    office_time(on_day, n * 16 + version, 'complex typed in') as updated_at
from versions;

create view v_hsj__vessel_case as
with
    drawn as (
        select n, rnd(n, 'vessel whom') as whom, rnd(n, 'vessel when') as at
        from range(1, (getvariable('rows_hsj__vessel_case') / 1.4)::bigint + 1) as t(n)
    ),

    met as (
        select d.n, c.day, e.*, rnd(d.n, 'vessel party') as party, rint(d.n, 'vessel decided', 3, 80)::int as decided_after,
            pick(d.n, 'vessel wrong', ['overload', 'crew', 'certificate', 'lane', 'pollution', 'ais']) as wrong
        from
            (select d.*, c.day from drawn as d asof join calendar as c on d.at >= c.inspecting_from) as c
            join drawn as d using (n)
            asof join (select * from looked_after where department = 'hsj') as s on d.whom >= s.share_from
            join entity as e on e.i = s.i
    ),

    versions as (
        select *, 1 as version, day as on_day from met
        union all
        select *, 2, day + decided_after from met where rnd(n, 'vessel ends') < 0.95
        union all
        select *, 3, day + decided_after + rint(n, 'vessel paid', 1, 25)::int from met where rnd(n, 'vessel ends') < 0.85
    )

select
    '宁海事罚字〔' || year(day)::varchar || '〕' || lpad(n::varchar, 7, '0') || '号' as case_no,
    case when version >= 2 then '海事罚决〔' || year(day)::varchar || '〕' || n::varchar || '号' end as decision_no,
    pick(n, 'vessel place', ['苏宁', '皖蚌', '鄂荆', '宁' || substr(short_name, 1, 1), '苏扬']) || pick(n, 'vessel what', ['货', '油', '化', '集', '拖']) || lpad(rint(n, 'vessel no', 1, 9999)::varchar, 4, '0')
        as vessel_name,
    'CN' || lpad((n * 7129 % 10000000000)::varchar, 11, '0') as vessel_id,
    -- a third of the parties are masters or owners in person
    case when party < 0.66 then uscc end as uscc,
    case when party < 0.66 then name else '船舶经营人（个人）' end as enterprise_name,
    district_code,
    pick(n, 'waters', ['长江南京段', '秦淮河口', '八卦洲水域', '龙潭港区', '新生圩港区', '滁河口']) as waters,
    day as filed_on,
    case when version >= 2 then day + decided_after end as decided_on,
    case when wrong in ('crew', 'certificate') and rnd(n, 'vessel kind') < 0.15 then 'suspension' when rnd(n, 'vessel kind') < 0.2 then 'warning' else 'fine' end as penalty_kind,
    case when rnd(n, 'vessel kind') < 0.2 or version = 1 then null else 100 * rint(n, 'vessel fine', 10, 300) end::decimal(18, 2) as fine_yuan,
    case when version = 3 then on_day end as paid_on,
    rnd(n, 'vessel accident') < 0.03 as is_accident_penalty,
    case wrong when 'overload' then '《内河交通安全管理条例》第八十二条' when 'crew' then '《船员条例》第五十七条' when 'pollution' then '《防治船舶污染内河水域环境管理规定》第四十七条'
        else '《内河交通安全管理条例》第六十八条' end as legal_basis,
    case wrong when 'overload' then '船舶超载航行' when 'crew' then '未按规定配足船员' when 'certificate' then '船舶检验证书过期' when 'lane' then '未按规定航路航行'
        when 'pollution' then '违规排放生活污水' else '未保持船载自动识别系统正常工作' end as violation,
    office_time(on_day, n * 4 + version, 'vessel typed in') as updated_at
from versions;
