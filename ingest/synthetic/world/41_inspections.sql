-- Building sites and their inspections (城建委), gas (城管), venues (文旅), laboratories (教育). They call on the same
-- units as the emergency bureau, now and then within days of it: the duplicate inspections that the city wants to end.
create table site as
with
    drawn as (
        select
            n,
            rnd(n, 'site builder') as whom,
            rnd(n, 'site district') as where_at,
            getvariable('history_start') - 420
            + floor((getvariable('as_of') - getvariable('history_start') + 400) * rnd(n, 'site begins'))::int as started_on,
            rint(n, 'site lasts', 150, 900)::int as lasts
        from range(1, (getvariable('rows_cjw__construction_site') / 2.3)::bigint + 1) as t(n)
    ),

    built as (
        select d.*, b.i
        from drawn as d asof join (select * from looked_after where department = 'cjw') as b on d.whom >= b.share_from
    ),

    placed as (select b.*, s.district_code, s.district_name, s.roads from built as b asof join district_share as s on b.where_at >= s.share_from)

select
    p.n,
    p.started_on,
    p.started_on + p.lasts as ends_on,
    p.district_code,
    p.district_name,
    l.street_code,
    '南京市' || p.district_name || l.street_name || pick(p.n, 'site road', p.roads) || rint(p.n, 'site no', 1, 300)::varchar || '号地块'
        as address,
    brand(p.n, 'site name') || pick(p.n, 'site what', ['花园三期', '产业园一期', '广场', '中学改扩建', '安置房', '研发中心', '雨污分流改造', '道路改造',
        '商务楼', '厂房新建', '地铁站点', '医院综合楼']) || pick(p.n, 'site part', ['项目', '工程', '工程施工总承包', '（二标段）']) as project_name,
    'NJ' || strftime(p.started_on, '%Y') || lpad(p.n::varchar, 6, '0') as project_code,
    pick(p.n, 'site kind', ['housing', 'housing', 'housing', 'municipal', 'municipal', 'rail', 'decoration', 'demolition']) as project_kind,
    e.i,
    e.uscc,
    e.name,
    e.is_bad,
    e.established_on,
    exp(8.6 + 1.1 * gauss(p.n, 'site area')) as area
from
    placed as p
    join entity as e using (i)
    join place as l on l.district_code = p.district_code and l.rank = 1 + floor(l.streets * rnd(p.n, 'site street'))::bigint;

create view v_cjw__construction_site as
with
    stages as (
        select *, 1 as version, 'foundation' as stage, started_on as on_day from site
        union all
        select *, 2, 'structure', started_on + floor(0.25 * (ends_on - started_on))::int from site
        union all
        select *, 3, 'suspended', started_on + floor(0.5 * (ends_on - started_on))::int from site where rnd(n, 'halts') < 0.06
        union all
        select *, 4, 'finishing', started_on + floor(0.7 * (ends_on - started_on))::int from site
        union all
        select *, 5, 'completed', ends_on from site where rnd(n, 'completes') < 0.94
    )

select
    project_code,
    project_name,
    '3201' || strftime(started_on, '%Y%m%d') || lpad((n % 10000)::varchar, 4, '0') as permit_no,
    uscc,
    name as enterprise_name,
    '南京' || brand(n, 'developer') || pick(n, 'developer form', ['置业有限公司', '城市建设投资有限公司', '开发有限公司']) as developer_name,
    '江苏' || brand(n, 'supervisor') || '工程监理有限公司' as supervisor_name,
    district_code,
    street_code,
    address,
    project_kind,
    round(area)::decimal(18, 2) as floor_area_m2,
    (10000 * round(area * (0.25 + 0.3 * rnd(n, 'site price'))))::decimal(18, 2) as contract_price_yuan,
    floor(3 * pow(rnd(n, 'dangerous works'), 2))::bigint as dangerous_works,
    case project_kind when 'housing' then rint(n, 'cranes', 0, 6) when 'municipal' then rint(n, 'cranes', 0, 1) else 0 end as tower_cranes,
    case stage when 'completed' then 0 when 'suspended' then rint(n, 'guards', 2, 8)
        else greatest(6, round(area * (0.001 + 0.002 * rnd(n * 8 + version, 'site workers')))) end::bigint as workers,
    started_on,
    ends_on + case when version > 1 and rnd(n, 'site late') < 0.3 then 60 else 0 end as planned_end_on,
    stage as site_status,
    person(n, 'site manager') as manager_name,
    invented_phone(n, 'site phone') as manager_phone,
    office_time(on_day, n * 8 + version, 'site reported') as updated_at
from stages;

create view v_cjw__site_inspection as
with
    window_share as (
        select
            s.*,
            a.inspecting_from as share_a,
            b.inspecting_from as share_b,
            (sum(weight) over (order by n) - weight) / (sum(weight) over ())::double as site_from
        from
            (
                select
                    *,
                    greatest(started_on, getvariable('history_start')) as open_on,
                    least(ends_on, getvariable('as_of')) as shut_on,
                    (sqrt(area) * greatest(0, least(ends_on, getvariable('as_of')) - greatest(started_on, getvariable('history_start'))))
                    ::bigint as weight
                from site
            ) as s
            join calendar as a on a.day = s.open_on
            join calendar as b on b.day = s.shut_on
        where s.weight > 0
    ),

    drawn as (
        select n as k, rnd(n, 'site visit whom') as whom, rnd(n, 'site visit when') as at
        from range(1, (getvariable('rows_cjw__site_inspection'))::bigint + 1) as t(n)
    ),

    met as (
        select d.k, w.*, w.share_a + (w.share_b - w.share_a) * d.at as moment
        from drawn as d asof join window_share as w on d.whom >= w.site_from
    ),

    dated as (
        select m.*, c.day, found_at(m.k, 'site found', m.is_bad) as found
        from met as m asof join calendar as c on m.moment >= c.inspecting_from
    )

select
    'GD' || strftime(day, '%Y%m%d') || lpad(k::varchar, 7, '0') as inspection_no,
    project_code,
    project_name,
    uscc,
    name as enterprise_name,
    district_code,
    street_code,
    day as inspected_on,
    case
        when rnd(k, 'site why') < 0.5 then 'routine' when rnd(k, 'site why') < 0.7 then 'special'
        when rnd(k, 'site why') < 0.8 then 'random' when rnd(k, 'site why') < 0.93 then 'recheck'
        when rnd(k, 'site why') < 0.97 then 'complaint' else 'joint'
    end as inspection_kind,
    found as hazards_found,
    case when found > 0 and rnd(k, 'site major') < 0.03 then 1 else 0 end::bigint as major_hazards_found,
    case when found = 0 then 'none' when rnd(k, 'site measure') < 0.93 then 'rectify' when rnd(k, 'site measure') < 0.985 then 'suspend'
        else 'stop' end as order_kind,
    case when rnd(n, 'smart site') < 0.6 then least(100, greatest(40, 100 - 4 * found - 10 * rnd(k, 'smart'))) end::decimal(5, 2)
        as smart_site_score,
    case when found > 0 then '宁建监改〔' || year(day)::varchar || '〕' || k::varchar || '号' end as document_no,
    person(k % 240, 'site inspector') as inspector_name,
    office_time(day, k, 'site typed in') + interval 30 minute as updated_at
from dated;

-- One row per call of gas, venue or laboratory inspectors at an entity: half a day of its own, or some days after the
-- emergency bureau has been there.
create table call as
with
    wanted as (
        select 'cgj' as department, (getvariable('rows_cgj__gas_pipe_inspection') * 1.17)::bigint as many
        union all
        select 'wlj', (getvariable('rows_wlj__venue_inspection') * 1.17)::bigint
        union all
        select 'jyj', (getvariable('rows_jyj__lab_inspection') * 0.85)::bigint
    ),

    followed as (
        select p.department, v.i, v.n as visit, v.kind as visit_kind, v.day, row_number() over (partition by p.department order by v.n) as place
        from visit as v join (select distinct department, i from looked_after where department in ('cgj', 'wlj', 'jyj')) as p using (i)
    ),

    drawn as (
        select department, n, rnd(n, department || ' whom') as whom, rnd(n, department || ' when') as at,
            rnd(n, department || ' follows') < 0.12 as follows
        from wanted, unnest(range(1, many + 1)) as t(n)
    ),

    alone as (
        select d.department, d.n, c.day, s.i, cast(null as varchar) as joint_task_no
        from
            (select d.*, c.day from drawn as d asof join calendar as c on d.at >= c.inspecting_from where not d.follows) as c
            join drawn as d using (department, n)
            asof join looked_after as s on d.department = s.department and d.whom >= s.share_from
    ),

    -- which one is worked out first, so that the join below is one of equal values: otherwise it compares all with all
    following as (
        select d.department, d.n, 1 + floor(p.places * d.whom)::bigint as place
        from drawn as d join (select department, count(*) as places from followed group by department) as p using (department)
        where d.follows
    ),

    after as (
        -- in a joint task they come the same day
        select
            d.department,
            d.n,
            f.day + case f.visit_kind when 'joint' then 0 else rint(d.n, 'days after', 0, 9) end::int as day,
            f.i,
            joint_task(f.visit, f.day, f.visit_kind) as joint_task_no
        from following as d join followed as f using (department, place)
    )

select
    c.department,
    c.n,
    c.day,
    c.joint_task_no,
    e.*,
    found_at(c.n, c.department || ' found', e.is_bad) as found,
    rnd(c.n, c.department || ' how') as how,
    rnd(c.n, c.department || ' where') as how_address
from (select * from alone union all select * from after) as c join entity as e using (i)
where c.day >= e.established_on and (e.closed_on is null or c.day < e.closed_on) and c.day <= getvariable('as_of');

create view v_cgj__gas_pipe_inspection as
select
    'RQ' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') as inspection_no,
    written_name(name, kind, short_name, how, n) as enterprise_name,
    written_address(address, district_name, street_name, how_address, n) as address,
    district_code,
    case when rnd(n, 'gas street') < 0.4 then street_code end as street_code,
    case when division between '13' and '33' then pick(n, 'gas user', ['industry', 'boiler']) when division = '62' then 'catering' else 'public' end
        as user_kind,
    day as inspected_on,
    case when joint_task_no is not null then 'joint' when rnd(n, 'gas why') < 0.72 then 'routine' when rnd(n, 'gas why') < 0.84 then 'special' when rnd(n, 'gas why') < 0.93 then 'recheck'
        when rnd(n, 'gas why') < 0.98 then 'complaint' else 'joint' end as inspection_kind,
    pick(n, 'pipe', ['pe', 'pe', 'steel', 'steel', 'stainless', 'stainless', 'cast_iron']) as pipe_material,
    found as hazards_found,
    case when found > 0 and rnd(n, 'gas major') < 0.05 then 1 else 0 end::bigint as major_hazards_found,
    case when found > 0 and rnd(n, 'leaks') < 0.2 then round(60 * pow(rnd(n, 'leak'), 3), 1) else 0 end::decimal(5, 1) as leak_percent_lel,
    rnd(n, 'alarm') < 0.55 + 0.12 * (year(day) - year(getvariable('history_start'))) as alarm_installed,
    found > 2 and rnd(n, 'cut') < 0.5 as is_supply_cut,
    pick(n, 'gas company', ['南京港恒燃气有限公司', '南京中润燃气有限公司', '江北兴达燃气有限公司']) as gas_company,
    person(n % 160, 'gas inspector') as inspector_name,
    joint_task_no,
    office_time(day, n, 'gas typed in') + interval 25 minute as updated_at,
    entity_id as true_entity_id
from call
where department = 'cgj';

create view v_wlj__venue_inspection as
select
    'WL' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') as inspection_no,
    written_name(name, kind, short_name, how, n) as enterprise_name,
    written_address(address, district_name, street_name, how_address, n) as address,
    district_code,
    case when rnd(n, 'venue street') < 0.5 then street_code end as street_code,
    case industry_code when '8760' then 'cinema' when '8930' then 'gym' when '9011' then pick(n, 'venue', ['entertainment', 'internet_cafe', 'script_game'])
        else 'hotel' end as venue_kind,
    day as inspected_on,
    case when joint_task_no is not null then 'joint' when rnd(n, 'venue why') < 0.5 then 'routine' when rnd(n, 'venue why') < 0.72 then 'special' when rnd(n, 'venue why') < 0.86 then 'random'
        when rnd(n, 'venue why') < 0.94 then 'recheck' when rnd(n, 'venue why') < 0.98 then 'complaint' else 'joint' end as inspection_kind,
    found as hazards_found,
    case when found > 0 and rnd(n, 'venue major') < 0.02 then 1 else 0 end::bigint as major_hazards_found,
    (20 * rint(i, 'venue holds', 2, 60))::bigint as capacity_persons,
    found > 3 and rnd(n, 'venue closed') < 0.2 as is_closed_down,
    '宁文旅检〔' || year(day)::varchar || '〕' || n::varchar || '号' as document_no,
    person(n % 90, 'venue inspector') as inspector_name,
    joint_task_no,
    office_time(day, n, 'venue typed in') + interval 10 minute as updated_at,
    entity_id as true_entity_id
from call
where department = 'wlj';

create view v_jyj__lab_inspection as
with
    -- schools proper are public institutions: no company register has them
    school as (
        select
            n,
            c.day,
            s.district_code,
            s.district_name,
            s.roads,
            rint(n, 'school', 1, greatest(4, round(getvariable('entities') / 900.0)::bigint)) as school_no
        from
            (
                select n, rnd(n, 'school when') as at, rnd(n % 97, 'school where') as where_at
                from range(1, (getvariable('rows_jyj__lab_inspection') * 0.28)::bigint + 1) as t(n)
            ) as d
            asof join calendar as c on d.at >= c.inspecting_from
            asof join district_share as s on d.where_at >= s.share_from
    ),

    inspected as (
        select
            n,
            day,
            district_code,
            cast(null as varchar) as street_code,
            '南京市' || district_name || brand(school_no, 'school') || pick(school_no, 'school level', ['中学', '小学', '中等专业学校', '高级中学']) as name,
            cast(null as varchar) as registration_no,
            cast(null as varchar) as uscc,
            '南京市' || district_name || pick(school_no, 'school road', roads) || rint(school_no, 'school house', 1, 200)::varchar || '号' as address,
            found_at(n, 'school found', false) as found,
            pick(n, 'lab', ['chemistry', 'physics', 'biology', 'canteen', 'dormitory', 'chemistry']) as lab_kind,
            'X' as mark,
            cast(null as varchar) as joint_task_no,
            cast(null as varchar) as true_entity_id
        from school
        union all
        select
            c.n,
            c.day,
            c.district_code,
            case when rnd(c.n, 'lab street') < 0.6 then c.street_code end,
            case when rnd(c.i, 'lab knows') < 0.45 then c.name else written_name(c.name, c.kind, c.short_name, c.how, c.n) end,
            -- the department's system still holds the old number of whoever has one
            old_registration_no(c.i, c.kind, c.established_on),
            case when old_registration_no(c.i, c.kind, c.established_on) is null and rnd(c.i, 'lab knows') < 0.45 then c.uscc end,
            written_address(c.address, c.district_name, c.street_name, c.how_address, c.n),
            c.found,
            case c.division when '83' then pick(c.n, 'lab', ['workshop', 'workshop', 'canteen', 'dormitory']) else 'chemistry' end,
            'J',
            c.joint_task_no,
            c.entity_id
        from call as c
        where c.department = 'jyj'
    )

select
    'SY' || mark || strftime(day, '%Y%m%d') || lpad(n::varchar, 6, '0') as inspection_no,
    name as enterprise_name,
    registration_no,
    uscc,
    address,
    district_code,
    street_code,
    lab_kind,
    day as inspected_on,
    case when joint_task_no is not null then 'joint' when rnd(n, mark || 'why') < 0.5 then 'routine' when rnd(n, mark || 'why') < 0.75 then 'special' when rnd(n, mark || 'why') < 0.85 then 'random'
        when rnd(n, mark || 'why') < 0.96 then 'recheck' else 'joint' end as inspection_kind,
    found as hazards_found,
    case when found > 0 and rnd(n, mark || 'major') < 0.02 then 1 else 0 end::bigint as major_hazards_found,
    case lab_kind when 'chemistry' then rint(n, mark || 'kinds', 3, 60) end as hazmat_kinds,
    case when found > 0 and rnd(n, mark || 'mended') < 0.85 and day + 20 <= getvariable('as_of') then day + rint(n, mark || 'mended on', 1, 20)::int end
        as rectified_on,
    person(n % 60, 'lab inspector') as inspector_name,
    joint_task_no,
    office_time(day + case when found > 0 and rnd(n, mark || 'mended') < 0.85 and day + 20 <= getvariable('as_of') then 20 else 0 end, n, 'lab typed in')
    + interval 20 minute as updated_at,
    true_entity_id
from inspected;
