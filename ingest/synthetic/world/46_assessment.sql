-- What the assessment office keeps by hand: figures filed by units, issues of the patrols, tasks of the campaigns.
create table reporting_unit as
select district_name || '人民政府' as unit, district_code, row_number() over (order by district_code) as u from district_share
union all
select *, 100 + row_number() over () from (
    select unnest(['市应急管理局', '市公安局', '市城乡建设委员会', '市交通运输局']), cast(null as varchar)
)
union all
-- a great city asks its streets too
select district_name || street_name || '办事处', district_code, 1000 + place_in_line
from (select *, row_number() over (order by rnd(street_code, 'files'), street_code) as place_in_line from place join district_share using (district_code))
where place_in_line <= (getvariable('rows_khb__manual_indicator') - 1700) / 72;

create view v_khb__manual_indicator as
with
    asked as (
        select * from (values
            ('gdp', 'year', 1), ('employed', 'year', 1), ('vehicles', 'year', 1), ('farm_machinery', 'year', 1), ('debriefing', 'half', 0), ('supervisors', 'quarter', 0),
            ('safety_budget', 'year', 0), ('committee_meetings', 'quarter', 0), ('leader_inspections', 'month', 0), ('training', 'month', 0)
        ) as t(indicator, rhythm, by_district)
    ),

    month as (select m::date as first_on, last_day(m::date) as ends_on from generate_series(getvariable('history_start')::timestamp, getvariable('as_of')::timestamp, interval 1 month) as t(m)),

    due as (
        select u.*, a.indicator, a.rhythm, m.first_on, m.ends_on,
            case a.rhythm when 'month' then strftime(m.first_on, '%Y-%m') when 'quarter' then year(m.first_on)::varchar || 'Q' || quarter(m.first_on)::varchar
                when 'half' then year(m.first_on)::varchar || case when month(m.first_on) <= 6 then 'H1' else 'H2' end else year(m.first_on)::varchar end as period,
            u.u * 100000 + (year(m.first_on) - 2000) * 1000 + month(m.first_on) * 20 + strpos('gevfdsbclt', left(a.indicator, 1)) as k
        from reporting_unit as u cross join asked as a cross join month as m
        where
            m.ends_on <= getvariable('as_of')
            and (a.by_district = 0 or (u.district_code is not null and u.u < 100)) and (u.u < 1000 or a.rhythm in ('month'))
            and (a.rhythm = 'month' or (a.rhythm = 'quarter' and month(m.first_on) % 3 = 0) or (a.rhythm = 'half' and month(m.first_on) % 6 = 0)
                or (a.rhythm = 'year' and month(m.first_on) = 12))
    ),

    -- most file within the days of grace, some late, some not at all; a returned form comes again
    filed as (
        select d.*, e.gdp, e.employed, e.vehicles, d.ends_on + rint(k, 'files after', 2, 12)::int + case when rnd(k, 'files late') < 0.08 then 15 else 0 end as filed_on
        from due as d left join economy as e using (district_code)
        where rnd(k, 'files at all') < 0.985
    ),

    versions as (
        select *, 1 as version, case when rnd(k, 'form back') < 0.05 then 'returned' else 'submitted' end as state, filed_on as on_day from filed
        union all
        select *, 2, 'approved', filed_on + rint(k, 'reviewed', 3, 20)::int from filed where rnd(k, 'reviews') < 0.9
    )

select
    unit as reporting_unit,
    period,
    indicator,
    district_code,
    case indicator
        when 'gdp' then round(gdp * pow(1.05, year(first_on) - year(getvariable('history_start'))) * (1 + 0.02 * rnd(k, 'figure')), 2)
        when 'employed' then round(employed * (1 + 0.02 * rnd(k, 'figure')), 2)
        when 'vehicles' then round(vehicles * (1 + 0.1 * rnd(k, 'figure')), 2)
        when 'farm_machinery' then rint(u, 'machines', 200, 9000)
        when 'debriefing' then 1
        when 'supervisors' then rint(u, 'supervisors', 40, 260) + rint(k, 'figure', 0, 6)
        when 'safety_budget' then rint(u, 'budget', 800, 9000) + rint(k, 'figure', 0, 300)
        when 'committee_meetings' then rint(k, 'figure', 1, 3)
        when 'leader_inspections' then rint(k, 'figure', 1, 9)
        else rint(k, 'figure', 20, 1600)
    end::decimal(20, 4) as value,
    state as filing_status,
    person(u, 'filler') as filled_by,
    case when version = 2 then person(u % 5, 'reviewer') end as reviewed_by,
    filed_on as filled_on,
    case when state = 'returned' then '请核对口径后重报' when rnd(k, 'figure') < 0.05 then '快报数' end as note,
    office_time(on_day, k * 2 + version, 'form filed') as updated_at
from versions;

create view v_khb__patrol_issue as
with
    drawn as (
        select n, rnd(n, 'issue whom') as whom, rnd(n, 'issue where') as where_at,
            -- the patrols come in rounds: spring and autumn of each year
            getvariable('history_start') + floor((getvariable('as_of') - getvariable('history_start')) * rnd(n, 'issue when'))::int as raw_day
        from range(1, (getvariable('rows_khb__patrol_issue') / 1.45)::bigint + 1) as t(n)
    ),

    timed as (
        select *, least(getvariable('as_of'), case when month(raw_day) in (4, 5, 9, 10) then raw_day else raw_day - (day(raw_day) % 20)::int end) as day
        from drawn
    ),

    placed as (select t.n, t.day, t.whom, d.district_code, d.district_name, d.short_name from timed as t asof join district_share as d on t.where_at >= d.share_from),

    met as (
        select p.*, e.name, e.uscc, e.business, rnd(p.n, 'issue unit') < 0.55 as has_unit,
            pick(p.n, 'issue term', [15, 30, 30, 60, 90])::int as term,
            pick(p.n, 'issue level', ['state', 'province', 'province', 'city', 'city', 'city', 'district']) as source_level,
            rnd(p.n, 'issue fate') as fate
        from placed as p
            asof join (select * from looked_after where department = 'rsj') as s on p.whom >= s.share_from
            join entity as e on e.i = s.i
    ),

    course as (
        select *, day + case when fate < 0.78 then greatest(3, floor(term * sqrt(rnd(n, 'issue done'))))::int else term + rint(n, 'issue late', 1, 90)::int end as closes_on
        from met
    ),

    versions as (
        select *, 1 as version, 'issued' as state, day as on_day from course
        union all
        select *, 2, 'accepted', day + rint(n, 'issue signed', 0, 4)::int from course
        union all
        select *, 3, 'overdue', day + term + 1 from course where fate >= 0.78
        union all
        select *, 4, 'closed', closes_on from course where fate < 0.95
    )

select
    'XCDD' || strftime(day, '%Y') || lpad(n::varchar, 6, '0') as issue_no,
    pick(n, 'issue kind', ['responsibility', 'hazard', 'hazard', 'enforcement', 'emergency', 'publicity']) as issue_kind,
    source_level,
    year(day)::varchar || '年' || case source_level when 'state' then '国务院安委会' when 'province' then '省安委会' when 'city' then '市安委会' else '区安委会' end
        || case when month(day) <= 6 then '春季' else '秋季' end || '巡查' as patrol_name,
    pick(n, 'issue text', ['重大危险源包保责任未落实到人', '部分企业未开展全员安全培训', '隐患整改闭环资料不全，"回头看"流于形式', '执法检查宽松软，只查不罚', '应急预案未修订,演练走过场',
        '网格巡查记录雷同', '商住混建区域消防通道被占用']) as description,
    district_name || pick(n, 'issue lead', ['人民政府', '应急管理局', '住建局', '交通运输局']) as lead_unit,
    case when has_unit then name end as enterprise_name,
    case when has_unit and rnd(n, 'issue coded') < 0.7 then uscc end as uscc,
    district_code,
    cast(null as varchar) as street_code,
    office_time(day, n, 'issue issued') as assigned_at,
    case when version >= 2 then office_time(day, n, 'issue issued') + to_minutes(60 * 24 * rint(n, 'issue signed', 0, 4)) end as acknowledged_at,
    day + term as due_on,
    case when version = 4 then closes_on end as closed_on,
    state as issue_status,
    person(n % 120, 'issue contact') as contact_name,
    office_time(on_day, n, 'issue issued') + to_minutes(10 * version) as updated_at
from versions;

create view v_khb__campaign_task as
with
    campaign as (
        select * from (values
            (1, '安全生产治本攻坚三年行动', ['重大事故隐患动态清零', '企业主要负责人培训', '淘汰落后工艺设备', '安全科技支撑']),
            (2, '城镇燃气安全专项整治', ['餐饮场所报警器安装', '老旧管网改造', '问题气瓶清零']),
            (3, '自建房安全专项整治', ['经营性自建房鉴定', 'C、D级房屋处置']),
            (4, '畅通生命通道行动', ['防盗网拆除', '消防车通道划线']),
            (5, '电动自行车全链条整治', ['集中充电设施建设', '非法改装查处']),
            (6, '粉尘涉爆企业整治', ['除尘系统改造', '现场检查全覆盖'])
        ) as t(c, campaign, tasks)
    ),

    task as (
        select
            c, campaign, unnest(tasks) as task_name, district_code, district_name,
            getvariable('history_start') + 30 * y::int + 20 as started_on, c * 1000 + y as serial
        from campaign cross join district_share, unnest(range(0, 34)) as t(y)
    ),

    numbered as (
        select * from (select *, row_number() over (order by rnd(serial, task_name || district_code), serial, task_name, district_code) as n from task)
        where n <= greatest(12, getvariable('rows_khb__campaign_task') / 3.4)
    ),

    planned as (
        select *, started_on + pick(n, 'task term', [180, 365, 540])::int as due_on, rint(n, 'task target', 5, 400) as target, rnd(n, 'task pace') as pace
        from numbered where started_on <= getvariable('as_of')
    ),

    versions as (
        select *, v as version, started_on + 90 * v::int + rint(n * 8 + v, 'task told', 0, 10)::int as on_day,
            least(1.0, (90.0 * v / (due_on - started_on)) * (0.55 + 0.7 * pace)) as done
        from planned, unnest(range(0, 7)) as t(v)
        where 90 * (v - 1) <= due_on - started_on
    )

select
    'ZX' || lpad(n::varchar, 6, '0') as task_no,
    campaign,
    task_name,
    pick(c, 'task lead', ['市应急管理局', '市城市管理局', '市住房保障和房产局', '市消防救援支队', '市公安局']) as lead_department,
    district_code,
    '宁安委〔' || year(started_on)::varchar || '〕' || (c + 10)::varchar || '号' as source_document,
    started_on,
    due_on,
    target as target_quantity,
    floor(target * done)::bigint as done_quantity,
    round(100 * floor(target * done) / target, 2)::decimal(5, 2) as progress_percent,
    case when done >= 1 then greatest(started_on, on_day - 5) end as completed_on,
    case when pace < 0.01 and version > 1 then 'cancelled' when done >= 1 then 'completed' when version = 0 then 'not_started'
        when done + 0.05 < 90.0 * version / (due_on - started_on) then 'behind' else 'on_schedule' end as task_status,
    office_time(on_day, n * 8 + version, 'task told') as updated_at
from versions;
