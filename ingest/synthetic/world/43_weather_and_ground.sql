-- Weather warnings and the orders they set off (气象), patrols of geological hazards (规资), waterlogged places (水务).
create table weather_season as
select * from (values
    ('rainstorm', '暴雨', [0, 1, 2, 4, 8, 24, 26, 18, 8, 3, 1, 0], [46, 34, 15, 5]),
    ('thunder', '雷电', [0, 1, 6, 10, 14, 20, 28, 24, 10, 2, 0, 0], [0, 74, 24, 2]),
    ('gale', '大风', [6, 6, 9, 9, 6, 5, 6, 8, 5, 4, 5, 6], [62, 32, 5, 1]),
    ('heat', '高温', [0, 0, 0, 0, 2, 10, 26, 24, 6, 0, 0, 0], [0, 60, 34, 6]),
    ('cold_wave', '寒潮', [8, 6, 4, 1, 0, 0, 0, 0, 0, 2, 7, 9], [72, 24, 4, 0]),
    ('snow', '暴雪', [7, 5, 1, 0, 0, 0, 0, 0, 0, 0, 1, 4], [50, 34, 14, 2]),
    ('fog', '大雾', [10, 7, 6, 4, 3, 2, 1, 1, 3, 8, 12, 13], [0, 66, 30, 4]),
    ('typhoon', '台风', [0, 0, 0, 0, 0, 1, 6, 9, 6, 2, 0, 0], [60, 30, 8, 2]),
    ('hail', '冰雹', [0, 0, 2, 4, 4, 3, 2, 1, 0, 0, 0, 0], [0, 0, 92, 8]),
    ('icing', '道路结冰', [9, 7, 2, 0, 0, 0, 0, 0, 0, 0, 2, 8], [0, 70, 26, 4])
) as t(weather_kind, label, months, levels);

create table warning as
with
    chance as (
        select
            c.day,
            s.weather_kind,
            s.label,
            s.levels,
            (sum(s.months[month(c.day)]) over (order by c.day, s.weather_kind) - s.months[month(c.day)])
            / (sum(s.months[month(c.day)]) over ())::double as share_from
        from calendar as c cross join weather_season as s
        where s.months[month(c.day)] > 0
    ),

    drawn as (
        select n, rnd(n, 'weather when') as at, rnd(n, 'weather where') as where_at
        from range(1, (getvariable('rows_qxj__weather_warning'))::bigint + 1) as t(n)
    ),

    dated as (select d.*, c.day, c.weather_kind, c.label, c.levels from drawn as d asof join chance as c on d.at >= c.share_from)

select
    n,
    d.day,
    d.weather_kind,
    d.label,
    s.district_code,
    s.district_name,
    case when 100 * rnd(n, 'weather level') < levels[1] then 'blue' when 100 * rnd(n, 'weather level') < levels[1] + levels[2] then 'yellow'
        when 100 * rnd(n, 'weather level') < levels[1] + levels[2] + levels[3] then 'orange' else 'red' end as level,
    any_time(d.day, n, 'weather hour') as issued_at,
    rint(n, 'weather lasts', 90, 2160) as lasts,
    rnd(n, 'weather fate') as fate,
    'YJ320100' || strftime(d.day, '%Y%m%d') || lpad(n::varchar, 6, '0') as warning_id
from dated as d asof join district_share as s on d.where_at >= s.share_from;

create view v_qxj__weather_warning as
with
    versions as (
        select *, 1 as version, issued_at as told_at, 'in_force' as state from warning
        union all
        select *, 2, issued_at + to_minutes(40), 'raised' from warning where fate < 0.08 and level in ('blue', 'yellow')
        union all
        select *, 3, issued_at + to_minutes(lasts), case when fate > 0.99 then 'revoked' else 'lifted' end from warning
    )

select
    warning_id,
    district_code,
    weather_kind,
    case when version = 1 or fate >= 0.08 or level not in ('blue', 'yellow') then level when level = 'blue' then 'yellow' else 'orange' end as level,
    issued_at,
    case when version = 3 then told_at end as lifted_at,
    state as warning_status,
    '预计未来 ' || rint(n, 'hours', 2, 12)::varchar || ' 小时' || district_name || '将出现' || label || '，请有关单位和人员做好防范。' as text,
    pick(n, 'observatory', ['南京市气象台', '南京市气象台', district_name || '气象台']) as issued_by,
    told_at as updated_at
from versions;

create view v_qxj__response_order as
with
    stormy as (
        select
            *,
            (sum(weight) over (order by n) - weight) / (sum(weight) over ())::double as share_from
        from (
            select *, case level when 'blue' then 2 when 'yellow' then 6 when 'orange' then 16 else 40 end as weight
            from warning where fate <= 0.99
        )
    ),

    drawn as (
        select n as k, rnd(n, 'order for') as what, rnd(n, 'order whom') as whom, rnd(n, 'order risk') as risk
        from range(1, (getvariable('rows_qxj__response_order'))::bigint + 1) as t(n)
    ),

    aimed as (
        select d.k, d.risk, w.*, s.i
        from
            (select d.k, w.* exclude (share_from) from drawn as d asof join stormy as w on d.what >= w.share_from) as w
            join drawn as d using (k)
            asof join (select * from looked_after where department = 'qxj') as s on d.whom >= s.share_from
    ),

    course as (
        select
            a.k, a.warning_id, a.district_code, a.district_name, a.risk, a.level,
            a.issued_at + to_minutes(rint(a.k, 'sent after', 2, 40)) as issued_at,
            l.street_code,
            l.street_name,
            e.name,
            e.uscc,
            e.district_code = a.district_code as is_near,
            -- most are signed within the quarter of an hour that the rule gives, some after hours, a few never
            case when rnd(a.k, 'signs') < 0.985 then rint(a.k, 'sign quick', 1, 14) + case when rnd(a.k, 'signs') > 0.86
                then rint(a.k, 'sign slow', 10, 400) else 0 end end as signs_after,
            -- nine in ten are done within the time that the level of the warning allows
            case when rnd(a.k, 'ends') < 0.965 then (rnd(a.k, 'end share') * 0.7 + 0.15 + case when rnd(a.k, 'ends') > 0.87
                then 1 + 4 * rnd(a.k, 'end slow') else 0 end) end as share_taken,
            case a.level when 'blue' then 720 when 'yellow' then 480 when 'orange' then 360 else 180 end as allowed,
            rnd(a.k, 'order fate') as fate
        from aimed as a
            join entity as e using (i)
            join place as l on l.district_code = a.district_code and l.rank = 1 + floor(l.streets * rnd(a.k, 'order street'))::bigint
    ),

    versions as (
        select *, 1 as version, issued_at as told_at, 'issued' as state from course
        union all
        select *, 2, issued_at + to_minutes(signs_after), case when fate > 0.996 then 'revoked' else 'accepted' end from course where signs_after is not null
        union all
        select *, 3, issued_at + to_minutes(signs_after + floor(share_taken * allowed)::bigint), 'closed' from course
        where signs_after is not null and share_taken is not null and fate <= 0.996
    )

select
    'XY' || strftime(issued_at, '%Y%m%d') || lpad(k::varchar, 8, '0') as order_id,
    warning_id,
    case when risk < 0.5 then 'patrol' when risk < 0.62 then 'suspension' when risk < 0.8 then 'reinforcement' when risk < 0.88 then 'evacuation'
        else 'standby' end as order_kind,
    case when level in ('orange', 'red') then 'city' else 'district' end as source_level,
    case when is_near then case when risk < 0.6 then 'construction_site' else 'chemical_plant' end
        else pick(k, 'risk kind', ['waterlogging', 'geohazard', 'old_house', 'scenic_spot', 'shipping', 'construction_site']) end as risk_kind,
    case when is_near then uscc end as uscc,
    case when is_near then name else street_name || '办事处' end as enterprise_name,
    district_code,
    street_code,
    issued_at,
    case when version >= 2 then issued_at + to_minutes(signs_after) end as acknowledged_at,
    issued_at + to_minutes(allowed) as due_at,
    case when version = 3 then told_at end as closed_at,
    case when version = 3 and risk between 0.8 and 0.88 then rint(k, 'evacuated', 1, 80) end as evacuated_persons,
    person(k % 3000, 'order handler') as handler_name,
    state as order_status,
    told_at + to_minutes(version) as updated_at
from versions;

create table geohazard_point as
select
    n,
    'DZ' || d.district_code || lpad(n::varchar, 4, '0') as point_no,
    d.district_code,
    l.street_code,
    regexp_replace(l.street_name, '(街道|镇)$', '') || pick(n, 'hill', ['青龙', '牛首', '幕府', '老山', '方山', '祖堂', '灵岩', '无想']) || '山'
        || pick(n, 'slope', ['北坡', '南坡', '东侧', '采石宕口', '切坡', '村后']) as point_name,
    pick(n, 'geohazard', ['landslide', 'landslide', 'collapse', 'collapse', 'slope', 'slope', 'subsidence', 'debris_flow']) as hazard_kind,
    pick(n, 'geo scale', ['small', 'small', 'small', 'small', 'medium', 'large']) as scale,
    rint(n, 'threatened', 0, 120) as persons,
    10000 * rint(n, 'threatened property', 20, 3000) as property_yuan
from
    (select n, rnd(n, 'geo where') as where_at from range(1, greatest(20, (getvariable('rows_zrzy__geohazard_patrol') / 300)::bigint) + 1) as t(n)) as p
    asof join district_share as d on p.where_at >= d.share_from
    join place as l on l.district_code = d.district_code and l.rank = 1 + floor(l.streets * rnd(p.n, 'geo street'))::bigint;

create view v_zrzy__geohazard_patrol as
with
    -- the rains bring the patrols: from May to September by day, else by week
    season as (
        select day, (sum(weight) over (order by day) - weight) / (sum(weight) over ())::double as share_from
        from (select day, [2, 2, 3, 5, 12, 24, 30, 24, 14, 5, 3, 2][month(day)] as weight from calendar)
    ),

    drawn as (
        select n as k, rnd(n, 'patrol when') as at, 1 + floor(rnd(n, 'patrol where') * (select count(*) from geohazard_point))::bigint as n
        from range(1, (getvariable('rows_zrzy__geohazard_patrol'))::bigint + 1) as t(n)
    ),

    dated as (select d.k, s.day, p.*, rnd(d.k, 'patrol sees') as sees from drawn as d asof join season as s on d.at >= s.share_from join geohazard_point as p using (n))

select
    'XC' || strftime(day, '%Y%m%d') || lpad(k::varchar, 7, '0') as patrol_no,
    point_no,
    point_name,
    district_code,
    street_code,
    hazard_kind,
    scale,
    persons as threatened_persons,
    property_yuan::decimal(18, 2) as threatened_property_yuan,
    office_time(day, k, 'patrolled') as patrolled_at,
    case when month(day) between 5 and 9 then pick(k, 'sky', ['晴', '多云', '小雨', '中雨', '大雨', '阴']) else pick(k, 'sky', ['晴', '多云', '阴', '小雨']) end as weather,
    sees < 0.03 as has_deformation,
    case when sees < 0.03 then round(1 + 180 * pow(rnd(k, 'crack'), 3), 1) end::decimal(8, 1) as crack_mm,
    case when sees < 0.001 then 'evacuate' when sees < 0.012 then 'report' when sees < 0.03 then 'warning_sign' else 'none' end as measure,
    person(n * 3 + k % 2, 'patroller') as patroller_name,
    office_time(day, k, 'patrolled') + to_minutes(rint(k, 'patrol told', 2, 240)) as updated_at
from dated;

create view v_swj__waterlogging_point as
with
    point as (
        select
            n,
            d.district_code,
            l.street_code,
            pick(n, 'wet road', d.roads) as road,
            l.street_name,
            getvariable('history_start') - 300 + floor((getvariable('as_of') - getvariable('history_start') + 250) * rnd(n, 'wet since'))::int as listed_on,
            rint(n, 'wet until', 120, 700)::int as lasts,
            pick(n, 'wet kind', ['underpass', 'road', 'road', 'community', 'community', 'underground']) as kind
        from
            (select n, rnd(n, 'wet where') as where_at from range(1, (getvariable('rows_swj__waterlogging_point') / 2)::bigint + 1) as t(n)) as p
            asof join district_share as d on p.where_at >= d.share_from
            join place as l on l.district_code = d.district_code and l.rank = 1 + floor(l.streets * rnd(p.n, 'wet street'))::bigint
    ),

    versions as (
        select *, 1 as version, 'pending' as state, listed_on as on_day from point
        union all
        select *, 2, case when rnd(n, 'wet fate') < 0.03 then 'removed' else 'ongoing' end, listed_on + floor(lasts / 3)::int from point
        union all
        select *, 3, 'done', listed_on + lasts from point where rnd(n, 'wet fate') between 0.03 and 0.8
    )

select
    'YL' || lpad(n::varchar, 5, '0') as point_no,
    road || case kind when 'underpass' then '下穿通道' when 'road' then '低洼路段' when 'community' then brand(n, 'wet home') || '小区' else '地下车库' end as point_name,
    district_code,
    street_code,
    street_name || road || rint(n, 'wet house', 1, 300)::varchar || '号附近' as address,
    kind as point_kind,
    round(0.1 + 1.6 * pow(rnd(n, 'wet depth'), 2), 2)::decimal(5, 2) as max_depth_m,
    street_name || '办事处' as responsible_unit,
    person(n, 'wet person') as responsible_name,
    invented_phone(n, 'wet phone') as responsible_phone,
    listed_on,
    case when version = 3 then listed_on + lasts end as governed_on,
    state as governance,
    office_time(on_day, n * 4 + version, 'wet typed in') as updated_at
from versions;
