-- Vehicles under special watch, the waybills of dangerous goods, overloading cases.
create view pool_carrier as
select * from live
where
    kind = 'enterprise' and (division = '54' or place_in_line <= 12) and closed_on is null
    and established_on < getvariable('history_start');

create table vehicle as
select
    *,
    case
        when industry_code = '5435' then 'hazmat' when industry_code = '5422' then pick(n, 'key_vehicle kind', ['tourist', 'tourist', 'coach'])
        when industry_code in ('5411', '5413') then 'coach'
        else pick(n, 'key_vehicle kind', ['freight', 'freight', 'freight', 'freight', 'freight', 'freight', 'hazmat', 'coach'])
    end as vehicle_kind,
    -- one-to-one in n, so that no two vehicles share a plate; O and I are on no plate
    '苏A' || substr('ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + (floor(n / 10000)::int % 24), 1) || lpad(((n * 7919) % 10000)::varchar, 4, '0') as plate_no
from holdings('key_vehicle', getvariable('rows_jtys__key_vehicle') / 1.95, 'pool_carrier', 1.2);

create view v_jtys__key_vehicle as
with
    -- most come to their yearly inspection in time
    seen_again as (
        select
            *,
            case when rnd(n, 'key_vehicle late') < 0.06 then rint(n, 'key_vehicle again', 3, 700)
                else 3 + rint(n, 'key_vehicle again', 3, 700) % 350 end::int as again_days
        from vehicle
    ),

    versions as (
        select *, 1 as version, day as inspected_on, office_time(day, n, 'key_vehicle entered') as updated_at from seen_again
        union all
        select * exclude (again_on), 2, again_on, office_time(again_on + 1, n, 'key_vehicle inspected')
        from (select *, getvariable('as_of') - again_days as again_on from seen_again)
        where again_on > day + 100
        union all
        select *, 3, getvariable('as_of') - again_days,
            office_time(getvariable('as_of') - rint(n, 'key_vehicle ended', 1, 500)::int, n, 'key_vehicle ended at')
        from seen_again
        where rnd(n, 'key_vehicle ends') < 0.08 and day < getvariable('as_of') - 900
    )

select
    plate_no,
    case when vehicle_kind in ('freight', 'hazmat', 'coach') then 'yellow' when n % 20 = 3 then 'yellow_green' else 'blue' end as plate_colour,
    vehicle_kind,
    '苏交运管宁字3201' || lpad(n::varchar, 8, '0') || '号' as transport_certificate_no,
    uscc,
    name as enterprise_name,
    district_code,
    case when vehicle_kind in ('coach', 'tourist') then pick(n, 'key_vehicle seats', [19, 33, 39, 49, 53, 55]) end::bigint as seats,
    case when vehicle_kind in ('freight', 'hazmat') then pick(n, 'key_vehicle tonnes', [9.9, 15.5, 18.0, 26.5, 31.0, 32.5]) end::decimal(18, 2) as tonnage,
    day - rint(n, 'key_vehicle registered', 0, 30)::int as first_registered_on,
    inspected_on,
    inspected_on + 365 as inspection_valid_until,
    inspected_on + rint(n, 'key_vehicle insured', 352, 420)::int as insurance_valid_until,
    vehicle_kind <> 'freight' or rnd(n, 'key_vehicle watched') < 0.9 as is_monitored,
    person(n, 'key_vehicle driver') as driver_name,
    '12' || lpad(rint(n, 'key_vehicle phone', 0, 999999999)::varchar, 9, '0') as driver_phone,
    case version when 3 then pick(n, 'key_vehicle end', ['suspended', 'suspended', 'scrapped', 'transferred']) else 'operating' end as vehicle_status,
    updated_at
from versions;

create table dangerous_goods as
select row_number() over () as no, *
from (
    values
    ('1203', '汽油', '3'), ('1203', '汽油', '3'), ('1202', '柴油', '3'), ('1202', '柴油', '3'), ('1978', '丙烷', '2'), ('1075', '液化石油气', '2'),
    ('1971', '压缩天然气', '2'), ('1972', '液化天然气', '2'), ('1073', '冷冻液态氧', '2'), ('1977', '冷冻液态氮', '2'), ('1005', '无水氨', '2'),
    ('1017', '氯', '2'), ('1230', '甲醇', '3'), ('1170', '乙醇', '3'), ('1294', '甲苯', '3'), ('1307', '二甲苯', '3'), ('1263', '涂料', '3'),
    ('1824', '氢氧化钠溶液', '8'), ('1830', '硫酸', '8'), ('1789', '盐酸', '8'), ('2031', '硝酸', '8'), ('1791', '次氯酸盐溶液', '8'),
    ('2014', '过氧化氢水溶液', '5'), ('1350', '硫磺', '4'), ('2078', '甲苯二异氰酸酯', '6'), ('3082', '对环境有害的液态物质', '9'),
    ('0336', '烟花', '1'), ('0081', 'A型爆破炸药', '1')
) as t(un_no, goods_name, hazard_class);

create view v_jtys__hazmat_waybill as
with
    tanker as (
        select
            plate_no,
            uscc,
            name,
            district_code,
            n as vehicle_no,
            day as vehicle_since,
            row_number() over (order by rnd(n, 'hazmat_waybill rank')) as place
        from vehicle
        where vehicle_kind = 'hazmat' or n <= 3
    ),

    trip as (
        select
            t.n,
            v.* exclude (place),
            g.* exclude (no),
            case when s.working >= v.vehicle_since then s.working
                else v.vehicle_since + floor(rnd(t.n, 'hazmat_waybill moved') * (getvariable('as_of') - v.vehicle_since + 1))::int end::date as day
        from
            (
                select n, 1 + floor((select count(*) from tanker) * pow(rnd(n, 'hazmat_waybill whom'), 1.3))::bigint as place
                from range(1, (getvariable('rows_jtys__hazmat_waybill') / 1.035)::bigint + 1) as t(n)
            ) as t
            join season as s on s.slot = floor(rnd(t.n, 'hazmat_waybill when') * 65536)::bigint
            join tanker as v on v.place = t.place
            join dangerous_goods as g on g.no = 1 + floor(rnd(t.n, 'hazmat_waybill goods') * 28)::bigint
    ),

    loaded as (
        select
            *,
            day::timestamp + to_minutes(rint(n, 'hazmat_waybill hour', 300, 1260)) as loaded_at,
            rint(n, 'hazmat_waybill way', 40, 900) as minutes,
            rnd(n, 'hazmat_waybill fate') as luck
        from trip
    ),

-- some are taken back, or a slip of the pen is put right
    versions as (
        select *, unnest(case when luck < 0.08 then [1, 2] else [1] end) as version
        from loaded
    )

select
    'YD3201' || strftime(day, '%y%m%d') || lpad(n::varchar, 8, '0') as waybill_no,
    plate_no,
    '苏A' || lpad((vehicle_no % 10000)::varchar, 4, '0') || '挂' as trailer_no,
    uscc,
    name as enterprise_name,
    '南京' || brand(n % 4000, 'hazmat_waybill from') || pick(n, 'hazmat_waybill trade', ['石化', '化工', '气体', '新材料']) || '有限公司' as consignor,
    pick(n, 'hazmat_waybill city', ['南京', '南京', '扬州', '镇江', '常州', '马鞍山', '滁州', '上海']) || brand(n % 6100, 'hazmat_waybill to')
        || pick(n, 'hazmat_waybill buyer', ['能源', '化工', '加油站', '医药', '电子']) || '有限公司' as consignee,
    un_no,
    goods_name,
    hazard_class,
    (0.1 * rint(n, 'hazmat_waybill tonnes', 20, 320))::decimal(18, 2) as quantity_tonnes,
    case when rnd(n, 'hazmat_waybill here') < 0.85 then district_code end as district_code,
    pick(n, 'hazmat_waybill quay', ['南京江北新材料科技园', '南京金陵石化油库', '南京龙潭港区', '栖霞炼油厂区', '六合化工园罐区']) as loading_place,
    pick(n, 'hazmat_waybill gate', ['厂区卸车台', '加油站地下罐', '危化品仓库', '港区码头']) as unloading_place,
    loaded_at,
    case when luck >= 0.03 or version = 1 then loaded_at + to_minutes(minutes) end as arrived_at,
    person(vehicle_no, 'key_vehicle driver') as driver_name,
    person(vehicle_no, 'hazmat_waybill escort') as escort_name,
    case when version = 2 and luck < 0.03 then 'cancelled' when version = 1 and rnd(n, 'hazmat_waybill open') < 0.02 then 'issued' else 'done' end
        as waybill_status,
    loaded_at + to_minutes(minutes + case version when 2 then 1440 * rint(n, 'hazmat_waybill later', 1, 9) else 30 end) as updated_at
from versions;

-- 一超四罚: driver and vehicle nearly always, the carrier often, the source seldom
create view v_jtys__overload_case as
with
    stopped as (
        select
            *,
            rnd(n, 'overload_case code') as known,
            pick(n, 'overload_case limit', [18.0, 25.0, 31.0, 36.0, 42.0, 49.0, 49.0]) as limit_tonnes,
            0.05 + 1.1 * pow(rnd(n, 'overload_case over'), 3) as over,
            any_time(day, n, 'overload_case at') as found_at,
            rnd(n, 'overload_case source') < 0.22 as is_source_penalised
        from events('overload_case', getvariable('rows_jtys__overload_case') / 1.29, 'even', 'pool_carrier', 1.5)
    ),

    versions as (
        select *, 1 as version, found_at + interval 3 hour as updated_at from stopped
        union all
        select *, 2, office_time(day + rint(n, 'overload_case took', 4, 70)::int, n, 'overload_case closed') from stopped
        where rnd(n, 'overload_case closes') < 0.9
    )

select
    '宁交治〔' || year(day)::varchar || '〕' || lpad(n::varchar, 6, '0') || '号' as case_no,
    found_at,
    pick(n, 'overload_case site', ['江宁禄口治超站', '六合竹镇治超站', '浦口星甸治超站', '溧水白马治超站', '高淳东坝治超站', '不停车检测点']) as site,
    case when rnd(n, 'overload_case far') < 0.55 then pick(n, 'overload_case province', ['皖E', '皖M', '苏L', '苏K', '鲁H', '豫P']) || lpad((n * 31 % 100000)::varchar, 5, '0')
        else '苏A' || substr('ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + (n % 24)::int, 1) || lpad((n * 17 % 10000)::varchar, 4, '0') end as plate_no,
    person(n, 'overload_case driver') as driver_name,
    name as enterprise_name,
    case when known < 0.5 and established_on < date '2015-10-01' and rnd(i, 'old number') < 0.7
        then '3201' || lpad((i * 37 % 100000000000)::varchar, 11, '0') end as registration_no,
    case when known >= 0.5 then uscc end as uscc,
    case when is_source_penalised or rnd(n, 'overload_case loaded') < 0.3
        then '南京' || brand(n % 300, 'overload_case source') || pick(n, 'overload_case pit', ['建材', '砂石', '混凝土', '码头']) || '有限公司' end as source_enterprise,
    district_code,
    pick(n, 'overload_case goods', ['砂石', '水泥', '钢材', '煤炭', '渣土', '混凝土', '化肥']) as goods_name,
    limit_tonnes::decimal(18, 2) as limit_tonnes,
    round(limit_tonnes * (1 + over), 2)::decimal(18, 2) as actual_tonnes,
    round(100 * over, 1)::decimal(18, 2) as overload_percent,
    version = 2 or rnd(n, 'overload_case at once') < 0.8 as is_vehicle_penalised,
    version = 2 and rnd(n, 'overload_case points') < 0.93 as is_driver_penalised,
    version = 2 and over > 0.3 and rnd(n, 'overload_case carrier') < 0.7 as is_carrier_penalised,
    version = 2 and is_source_penalised as is_source_penalised,
    case version when 2 then 100 * least(300, ceil(over * 100)) end::decimal(18, 2) as fine_yuan,
    case version when 2 then updated_at::date end as closed_on,
    updated_at,
    entity_id as true_entity_id
from versions;

-- The insurers' safety audit of carriers, for the half year before: the score falls with what the vehicles did.
create view v_jtys__fleet_audit as
with
    audit as (
        select *, rint(n, 'fleet_audit vehicles', 3, 60) as vehicles, pow(rnd(n, 'fleet_audit care'), 2) as carelessness
        from events('fleet_audit', getvariable('rows_jtys__fleet_audit'), 'working', 'pool_carrier', 1.2)
    ),

    seen as (
        select
            *,
            floor(vehicles * carelessness * 2.4)::bigint as violations,
            floor(vehicles * carelessness * rint(n, 'fleet_audit speeding', 1, 9))::bigint as speeding_alarms,
            floor(vehicles * carelessness * rint(n, 'fleet_audit fatigue', 0, 5))::bigint as fatigue_alarms
        from audit
    )

select
    'SJ3201' || strftime(day, '%Y%m') || lpad(n::varchar, 6, '0') as audit_no,
    uscc,
    name as enterprise_name,
    day as audited_on,
    (date_trunc('month', day) - interval 6 month)::date as period_from,
    (date_trunc('month', day) - interval 1 day)::date as period_until,
    vehicles,
    greatest(20, least(100, round(98 - 42 * carelessness - 6 * rnd(n, 'fleet_audit papers'), 1)))::decimal(18, 2) as score,
    violations,
    speeding_alarms,
    fatigue_alarms,
    office_time(day + 1, n, 'fleet_audit entered') as updated_at
from seen;
