-- Waste manifests (生态环境), injuries at work (人社) and occupational diseases (卫健).
create table waste_kind as
select * from (values
    ('HW08', '900-249-08', '废矿物油', 'ignitability', 22), ('HW49', '900-041-49', '沾染物', 'toxicity', 26),
    ('HW06', '900-404-06', '废有机溶剂', 'ignitability', 14), ('HW12', '900-252-12', '漆渣', 'toxicity', 10),
    ('HW34', '900-349-34', '废酸', 'corrosivity', 6), ('HW35', '900-399-35', '废碱', 'corrosivity', 4),
    ('HW17', '336-064-17', '表面处理污泥', 'toxicity', 9), ('HW09', '900-006-09', '废切削液', 'toxicity', 10),
    ('HW01', '841-001-01', '感染性废物', 'infectivity', 8), ('HW50', '772-007-50', '废催化剂', 'toxicity', 3)
) as t(category, code, label, trait, weight);

create view v_sthj__waste_manifest as
with
    kind as (select *, (sum(weight) over (order by code) - weight) / (sum(weight) over ())::double as share_from from waste_kind),

    -- every third of the treatment plants stands in the city, the others are in the province
    plant as (
        select row_number() over (order by i) as place, name, uscc
        from entity where industry_code = '7724' and kind = 'enterprise'
    ),

    drawn as (
        select
            n,
            rnd(n, 'waste whom') as whom,
            rnd(n, 'waste when') as at,
            rnd(n, 'waste what') as what
        from range(1, (getvariable('rows_sthj__waste_manifest') * 0.88)::bigint + 1) as t(n)
    ),

    sent as (
        select d.n, d.what, c.day, s.i
        from
            (select d.*, c.day from drawn as d asof join calendar as c on d.at >= c.inspecting_from) as c
            join drawn as d using (n)
            asof join (select * from looked_after where department = 'sthj') as s on d.whom >= s.share_from
    ),

    course as (
        select
            s.n,
            s.day,
            e.uscc,
            e.name,
            e.district_code,
            k.category,
            k.code,
            k.label,
            k.trait,
            greatest(20, round(1000 * exp(0.3 + 1.1 * gauss(s.n, 'waste weight')))) as shipped,
            s.day + case when rnd(s.n, 'waste travels') < 0.8 then 0 else rint(s.n, 'waste travel', 1, 4)::int end as received_on,
            rint(s.n, 'waste waits', 3, 90)::int as waits,
            rnd(s.n, 'waste fate') as fate,
            rnd(s.n, 'waste differs') as differs,
            case when rnd(i, 'waste where') < 0.4 then 1 + floor(rnd(i, 'plant') * (select count(*) from plant))::bigint end as plant_place,
            rint(i, 'far plant', 1, 12) as far_plant
        from sent as s join entity as e using (i) asof join kind as k on s.what >= k.share_from
        where s.day >= e.established_on and (e.closed_on is null or s.day < e.closed_on)
    ),

    versions as (
        select *, 1 as version, 'in_transit' as state, day as on_day from course
        union all
        select *, 2, case when fate < 0.006 then 'returned' when fate > 0.994 then 'void' else 'received' end, received_on from course
        union all
        select *, 3, 'disposed', received_on + waits from course where fate between 0.006 and 0.97
    )

select
    '3201' || strftime(day, '%Y%m') || lpad(n::varchar, 8, '0') as manifest_no,
    v.uscc,
    v.name as enterprise_name,
    district_code,
    category as waste_category,
    code as waste_code,
    label as waste_name,
    trait as hazard_trait,
    shipped::decimal(18, 2) as shipped_kg,
    -- scales differ a little; now and then by far: the mismatch that the department looks for
    case when state in ('received', 'disposed') then
        round(case when differs < 0.9 then shipped when differs < 0.985 then shipped * (0.98 + 0.04 * rnd(n, 'scale'))
            else shipped * (0.5 + 0.4 * rnd(n, 'scale')) end) end::decimal(18, 2) as received_kg,
    '南京' || brand(n % 40, 'carrier') || '危险品运输有限公司' as transporter_name,
    -- no plate has the letter I, so this is nobody's car
    '苏AI' || lpad((n * 7919 % 10000)::varchar, 4, '0') as plate_no,
    person(n % 900, 'waste driver') as driver_name,
    coalesce(p.name, '江苏' || brand(far_plant, 'far plant') || '环境科技有限公司') as receiver_name,
    p.uscc as receiver_uscc,
    case category when 'HW08' then 'recycling' when 'HW01' then 'incineration' when 'HW06' then pick(n, 'method', ['recycling', 'incineration'])
        when 'HW34' then 'physicochemical' when 'HW35' then 'physicochemical' else pick(n, 'method', ['incineration', 'landfill', 'storage', 'incineration']) end
        as disposal_method,
    day as shipped_on,
    case when version >= 2 and state <> 'void' then received_on end as received_on,
    case when state = 'disposed' then received_on + waits end as disposed_on,
    state as manifest_status,
    -- what arrives on the day it left is typed in after it left
    office_time(on_day, n * 4 + case when on_day = day then 1 else version end, 'waste typed in') + to_minutes(40 * version)
        as updated_at
from versions as v left join plant as p on p.place = v.plant_place;

-- Some injuries are those of reported accidents; most are slight and need no report; a few are serious and no accident
-- was reported: what the city looks for when it compares the two.
create table injury as
with
    drawn as (
        select n, rnd(n, 'hurt whom') as whom, rnd(n, 'hurt when') as at
        from range(1, (getvariable('rows_rsj__work_injury') * 0.77)::bigint + 1) as t(n)
    ),

    met as (
        select d.n, c.day, s.i
        from
            (select d.*, c.day from drawn as d asof join calendar as c on d.at >= c.accidents_from) as c
            join drawn as d using (n)
            asof join (select * from looked_after where department = 'rsj') as s on d.whom >= s.share_from
    ),

    from_accidents as (
        select a.n * 64 + j as k, 'A' as mark, a.i, a.occurred_at::date as day,
            case when j <= a.deaths then 'death' when j <= a.deaths + a.serious then 'serious' else 'minor' end as outcome,
            'workplace' as cause
        from work_accident as a, unnest(range(1, a.deaths + a.serious + a.minor + 1)) as t(j)
        where
            a.is_production_related
            and (rnd(a.n * 64 + j, 'claims injury') < 0.86 or a.n in (select u.n from understated_accident as u))
            -- one whose date the labour office has two days late is told below, among the look-alikes, and only there
            and not (j = a.deaths + 1 and exists (
                select 1 from look_alike as l where l.what = 6 and l.i = a.i and l.day = a.occurred_at::date + 2
            ))
    ),

    others as (
        select
            n as k, 'B' as mark, i, day,
            case when rnd(n, 'hurt how') < 0.0012 then 'death' when rnd(n, 'hurt how') < 0.012 then 'serious' else 'minor' end as outcome,
            case when rnd(n, 'hurt why') < 0.7 then 'workplace' when rnd(n, 'hurt why') < 0.92 then 'commuting' when rnd(n, 'hurt why') < 0.96
                then 'business_trip' when rnd(n, 'hurt why') < 0.975 then 'occupational_disease' else 'sudden_illness' end as cause
        from met
    ),

    -- C: of accidents that were never reported; D: what only looks like that; E: left out of a report
    -- (08_accident_follow_up.sql)
    planted as (
        select n * 64 + j as k, 'C' as mark, i, day, case when j <= deaths then 'death' else 'serious' end as outcome,
            case when n % 5 = 0 then 'business_trip' else 'workplace' end as cause
        from unreported_accident, unnest(range(1, deaths + serious + 1)) as t(j)
        union all
        select n, 'D', i, day, outcome, cause from look_alike
        union all
        -- E: one more than the accident's report says
        select n * 64 + 48, 'E', i, day, outcome, 'workplace' from understated_accident
    )

select
    h.mark, h.k, h.day, h.outcome, h.cause, e.*,
    h.day + rint(h.k, h.mark || 'applied', 2, 60)::int as applied_on,
    rint(h.k, h.mark || 'accepted', 1, 14)::int as accepts_after,
    rint(h.k, h.mark || 'decided', 15, 60)::int as decides_after,
    case
        when h.mark in ('A', 'B') then rnd(h.k, h.mark || 'decision')
        -- one in six of the look-alikes is an injury that was not accepted as one at work
        when h.mark = 'D' and h.cause = 'workplace' and h.outcome = 'serious' and (h.k - 1) % 6 = 3 then 0.96
        else 0.9 * rnd(h.k, h.mark || 'decision')
    end as fate
from (select * from from_accidents union all select * from others union all select * from planted) as h join entity as e using (i)
where h.day >= e.established_on;

create view v_rsj__work_injury as
with
    versions as (
        select *, 1 as version, applied_on + accepts_after as on_day from injury
        union all
        select *, 2, applied_on + accepts_after + decides_after from injury
        union all
        select *, 3, applied_on + accepts_after + decides_after + rint(k, 'graded', 60, 300)::int from injury
        where fate < 0.9 and (outcome = 'serious' or rnd(k, 'is graded') < 0.4)
    )

select
    'RS' || strftime(applied_on, '%Y%m') || mark || lpad(k::varchar, 8, '0') as injury_case_no,
    -- the system still keeps the organisation code; half of its clerks write it with the hyphen of the old card
    case when uscc is not null and rnd(i, 'code known') < 0.95
        then case when rnd(i, 'hyphen') < 0.5 then substr(uscc, 9, 9) else substr(uscc, 9, 8) || '-' || substr(uscc, 17, 1) end end as organization_code,
    written_name(name, kind, short_name, rnd(i, 'rsj writes'), i) as enterprise_name,
    district_code,
    person(k, mark || 'worker') as worker_name,
    invented_identity(k, mark || 'worker id', day - (365 * rint(k, mark || 'worker age', 19, 59) + rint(k, mark || 'born', 1, 300))::int,
        rnd(k, mark || 'worker sex') < 0.74) as worker_id_number,
    case when rnd(k, mark || 'worker sex') < 0.74 then 'male' else 'female' end as gender,
    pick(k, mark || 'worker job', getvariable('occupations')) as occupation,
    day as injured_on,
    pick(k, mark || 'hurt where', ['车间', '施工现场', '仓库', '办公区域', '装卸区', '厂区道路', '客户现场']) as injury_place,
    cause as injury_cause,
    outcome,
    case outcome when 'death' then pick(k, 'diagnosis', ['颅脑损伤', '多脏器损伤', '猝死']) when 'serious' then pick(k, 'diagnosis', ['左上肢离断', '脊柱骨折', '重度颅脑损伤'])
        else pick(k, 'diagnosis', ['手指开放性骨折', '足部挫伤', '腰部扭伤', '软组织挫伤', '桡骨骨折', '皮肤裂伤']) end as diagnosis,
    case when version = 3 then case outcome when 'serious' then rint(k, 'grade', 1, 6) else rint(k, 'grade', 7, 10) end end as disability_grade,
    applied_on,
    applied_on + accepts_after as accepted_on,
    case when version >= 2 then applied_on + accepts_after + decides_after end as decided_on,
    case when version >= 2 then case when fate > 0.985 then 'withdrawn' when fate > 0.95 then 'denied' when cause = 'sudden_illness' then 'deemed'
        else 'granted' end end as decision,
    case when version >= 2 and fate <= 0.95 then 100 * round(exp(case outcome when 'death' then 9.2 when 'serious' then 7.4 else 4.4 end + 0.7 * gauss(k, 'fund'))) end
        ::decimal(18, 2) as fund_paid_yuan,
    office_time(on_day, k * 4 + version, mark || 'injury typed in') as updated_at,
    entity_id as true_entity_id
from versions;

create view v_wjw__occupational_disease as
with
    drawn as (
        select n, rnd(n, 'ill whom') as whom,
            getvariable('history_start') + floor((getvariable('as_of') - getvariable('history_start')) * rnd(n, 'ill when'))::int as day
        from range(1, (getvariable('rows_wjw__occupational_disease') / 1.2)::bigint + 1) as t(n)
    ),

    met as (
        select d.n, d.day, e.*, rnd(d.n, 'ill what') as what
        from drawn as d asof join (select * from looked_after where department = 'wjw') as s on d.whom >= s.share_from
            join entity as e on e.i = s.i
    ),

    versions as (
        select *, 1 as version, case when rnd(n, 'suspected') < 0.6 then 'suspected' else 'confirmed' end as card, day as on_day from met
        union all
        select *, 2, case when rnd(n, 'confirmed') < 0.55 then 'confirmed' else 'excluded' end, day + rint(n, 'confirmed on', 20, 120)::int
        from met where rnd(n, 'suspected') < 0.6 and rnd(n, 'settled') < 0.8
    )

select
    'ZYB' || strftime(day, '%Y%m') || lpad(n::varchar, 6, '0') as card_no,
    person(n, 'patient') as patient_name,
    invented_identity(n, 'patient id', day - (365 * rint(n, 'patient age', 28, 62) + rint(n, 'patient born', 1, 300))::int, rnd(n, 'patient sex') < 0.85)
        as patient_id_number,
    case when rnd(n, 'patient sex') < 0.85 then 'male' else 'female' end as gender,
    case when rnd(n, 'ill coded') < 0.9 then uscc end as uscc,
    name as enterprise_name,
    district_code,
    industry_code,
    case when what < 0.46 then 'pneumoconiosis' when what < 0.74 then 'hearing' when what < 0.86 then 'poisoning' when what < 0.92 then 'skin'
        when what < 0.96 then 'heat' when what < 0.985 then 'tumour' else 'infection' end as disease_category,
    case when what < 0.46 then pick(n, 'ill name', ['矽肺壹期', '电焊工尘肺壹期', '煤工尘肺', '水泥尘肺']) when what < 0.74 then '职业性噪声聋'
        when what < 0.86 then pick(n, 'ill name', ['职业性慢性苯中毒', '职业性慢性铅中毒', '急性硫化氢中毒']) when what < 0.92 then '接触性皮炎'
        when what < 0.96 then '职业性中暑' when what < 0.985 then '苯所致白血病' else '布鲁氏菌病' end as disease_name,
    case when what < 0.46 then pick(n, 'factor', ['矽尘', '电焊烟尘', '水泥粉尘', '铝尘']) when what < 0.74 then '噪声' when what < 0.86 then pick(n, 'factor',
        ['苯', '铅', '硫化氢', '正己烷']) when what < 0.92 then '酸碱' when what < 0.96 then '高温' when what < 0.985 then '苯' else '生物因素' end as hazard_factor,
    round(1 + 24 * rnd(n, 'exposed'), 1)::decimal(4, 1) as exposure_years,
    card as card_kind,
    on_day as diagnosed_on,
    on_day + rint(n, 'ill told', 0, 12)::int as reported_on,
    pick(n, 'institution', ['南京市职业病防治院', '江苏省疾控中心职业病科', '江北人民医院职业健康科']) as institution,
    office_time(on_day + rint(n, 'ill told', 0, 12)::int, n * 2 + version, 'ill typed in') as updated_at
from versions;
