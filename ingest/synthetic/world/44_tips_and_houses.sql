-- Tips of the hotline (12345) and the assessments of self-built houses that do business (房产).
create view v_szrx__safety_tip as
with
    -- people call on every day of the week, more in summer and before festivals
    season as (
        select day, (sum(weight) over (order by day) - weight) / (sum(weight) over ())::double as share_from
        from (select day, [90, 70, 95, 100, 105, 118, 124, 122, 104, 96, 98, 100][month(day)]
            * case when isodow(day) >= 6 then 70 else 100 end * (100 + 9 * (year(day) - year(getvariable('history_start')))) as weight from calendar)
    ),

    drawn as (
        select n, rnd(n, 'tip whom') as whom, rnd(n, 'tip when') as at
        from range(1, (getvariable('rows_szrx__safety_tip') / 1.12)::bigint + 1) as t(n)
    ),

    met as (
        select d.n, c.day, e.*, rnd(d.n, 'tip what') as what, rnd(d.n, 'tip how') as how, rnd(d.n, 'tip address') as how_address, rnd(d.n, 'tip fate') as fate
        from
            (select d.*, c.day from drawn as d asof join season as c on d.at >= c.share_from) as c
            join drawn as d using (n)
            asof join (select * from looked_after where department = 'szrx') as s on d.whom >= s.share_from
            join entity as e on e.i = s.i
    ),

    judged as (
        select
            *,
            case business
                when 'construction' then pick(n, 'tip kind', ['construction', 'construction', 'construction', 'fire', 'equipment'])
                when 'chemical' then pick(n, 'tip kind', ['hazmat', 'hazmat', 'industry', 'fire'])
                when 'industry' then pick(n, 'tip kind', ['industry', 'fire', 'equipment', 'house'])
                when 'metal' then pick(n, 'tip kind', ['industry', 'industry', 'fire'])
                when 'logistics' then pick(n, 'tip kind', ['traffic', 'fire', 'electric_bike', 'hazmat'])
                else pick(n, 'tip kind', ['fire', 'fire', 'fire', 'gas', 'gas', 'electric_bike', 'electric_bike', 'house', 'equipment', 'other'])
            end as category,
            any_time(day, n, 'tip hour') as received_at,
            rint(n, 'tip takes', 1, 14)::int + case when rnd(n, 'tip slow') < 0.06 then rint(n, 'tip late', 5, 40)::int else 0 end as takes,
            -- a bad actor's tips are true more often
            fate < case when is_bad then 0.62 else 0.37 end as holds
        from met
    ),

    versions as (
        select *, 1 as version, received_at as told_at, 'accepted' as state from judged
        union all
        select *, 2, received_at + to_minutes(rint(n, 'tip passed', 20, 900)), 'handling' from judged
        union all
        select *, 3, office_time(day + takes, n, 'tip closed') + interval 1 day, case when fate > 0.985 then 'cancelled' else 'closed' end from judged
        where rnd(n, 'tip open') < 0.99
    )

select
    'RX' || strftime(day, '%Y%m%d') || lpad(n::varchar, 8, '0') as tip_no,
    case when rnd(n, 'tip way') < 0.66 then 'hotline_12345' when rnd(n, 'tip way') < 0.78 then 'hotline_12350' when rnd(n, 'tip way') < 0.9 then 'wechat'
        when rnd(n, 'tip way') < 0.94 then 'letter' when rnd(n, 'tip way') < 0.985 then 'grid' else 'insider' end as channel,
    case when rnd(n, 'tip named') < 0.7 then person(n, 'caller') end as caller_name,
    case when rnd(n, 'tip named') < 0.7 then invented_phone(n, 'caller phone') end as caller_phone,
    -- one in nine complains of a street or a stairway, not of a unit
    case when rnd(n, 'tip unit') < 0.89 then written_name(name, kind, short_name, how, n) end as enterprise_name,
    written_address(address, district_name, street_name, how_address, n) as address,
    district_code,
    case when rnd(n, 'tip street') < 0.8 then street_code end as street_code,
    received_at,
    category,
    case category
        when 'fire' then pick(n, 'tip text', ['疏散通道被货物堵住，晚上还锁门', '消防栓打不开，多次反映无人处理', '夜间有人在店内住宿，没有第二个出口'])
        when 'gas' then pick(n, 'tip text', ['店里有燃气味，没有报警器', '违规使用瓶装液化气，气瓶放在客座旁'])
        when 'construction' then pick(n, 'tip text', ['工人高处作业不系安全带', '夜间施工无照明，基坑没有围挡'])
        when 'hazmat' then pick(n, 'tip text', ['院内私存油品，味道很大', '夜里卸危险品，没有任何防护'])
        when 'electric_bike' then pick(n, 'tip text', ['楼道内给电动车充电', '飞线充电，屡次劝阻不听'])
        when 'equipment' then '电梯经常困人，叉车无牌上路'
        else pick(n, 'tip text', ['存在安全隐患，希望有关部门检查', '老板不给培训就让上岗', '房屋有裂缝还在营业'])
    end as content,
    case category when 'fire' then '消防救援支队' when 'gas' then '城市管理局' when 'construction' then '城乡建设委员会' when 'traffic' then '交通运输局'
        when 'house' then '住房保障和房产局' when 'equipment' then '市场监督管理局' else '应急管理局' end as handled_by,
    day + 15 as due_on,
    case when version = 3 and state = 'closed' then day + takes end as closed_on,
    case when version = 3 and state = 'closed' then holds end as is_verified,
    case when version = 3 and state = 'closed' and holds and rnd(n, 'tip named') < 0.7
        then case when rnd(n, 'tip paid') < 0.3 then 100 * rint(n, 'tip reward', 2, 30) when rnd(n, 'tip paid') < 0.303 then 10000 * rint(n, 'tip reward', 1, 45) end
    end::decimal(18, 2) as reward_yuan,
    case when version = 3 and state = 'closed' then pick(n, 'tip liked', ['satisfied', 'satisfied', 'satisfied', 'fair', 'unsatisfied', 'unreached']) end as satisfaction,
    state as tip_status,
    told_at as updated_at,
    case when rnd(n, 'tip unit') < 0.89 then entity_id end as true_entity_id
from versions;

create view v_fcj__selfbuilt_house_assessment as
with
    drawn as (
        select n, rnd(n, 'house whom') as whom,
            -- the campaign of the first year, then what is new or assessed again
            getvariable('history_start') + floor((getvariable('as_of') - getvariable('history_start')) * pow(rnd(n, 'house when'), 1.8))::int as day
        from range(1, (getvariable('rows_fcj__selfbuilt_house_assessment') / 1.03)::bigint + 1) as t(n)
    ),

    met as (
        select d.n, d.day, e.*, rnd(d.n, 'house grade') as grading, rint(d.n, 'house floors', 1, 6) as floors, rnd(d.n, 'house let') < 0.86 as is_let
        from drawn as d asof join (select * from looked_after where department = 'fcj') as s on d.whom >= s.share_from join entity as e on e.i = s.i
    ),

    graded as (
        select *, case when grading < 0.46 then 'A' when grading < 0.9 then 'B' when grading < 0.982 then 'C' else 'D' end as grade,
            rint(n, 'house disposed', 10, 200)::int as disposed_after
        from met
    ),

    versions as (
        select *, 1 as version, day + rint(n, 'house typed', 0, 6)::int as on_day, 'valid' as state from graded
        union all
        select *, 2, day + disposed_after + 6, case when rnd(n, 'house gone') < 0.2 then 'revoked' else 'valid' end from graded
        where grade in ('C', 'D') and rnd(n, 'house mended') < 0.85
    )

select
    'ZJF' || strftime(day, '%Y%m') || lpad(n::varchar, 7, '0') as assessment_no,
    district_code || lpad((i * 7 + n % 7)::varchar, 8, '0') as house_no,
    address,
    district_code,
    street_code,
    person(n, 'house owner') as owner_name,
    invented_phone(n, 'house phone') as owner_phone,
    case when is_let then written_name(name, kind, short_name, rnd(n, 'house how'), n) end as enterprise_name,
    case when division = '62' then 'catering' when division = '61' then 'lodging' when division = '52' then 'retail' when division = '83' then 'training'
        when division = '81' then 'workshop' when rnd(n, 'house use') < 0.3 then 'storage' else 'other' end as use_kind,
    floors,
    round(floors * (60 + 240 * rnd(n, 'house area')))::decimal(18, 2) as floor_area_m2,
    rint(n, 'house built', 1978, 2019) as built_year,
    pick(n, 'house made', ['brick_concrete', 'brick_concrete', 'brick_concrete', 'frame', 'brick_wood', 'steel']) as structure,
    day as assessed_on,
    grade,
    case grade when 'A' then 'none' when 'B' then 'watch' when 'C' then 'repair' else pick(n, 'house end', ['stop', 'demolish']) end as measure,
    case when version = 2 then day + disposed_after end as disposed_on,
    state as record_status,
    office_time(on_day, n * 2 + version, 'house typed in') as updated_at,
    case when is_let then entity_id end as true_entity_id
from versions;
