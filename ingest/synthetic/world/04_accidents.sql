-- Accidents at work and of operating vehicles, with their revisions: casualties change until day 30, on the road day 7.
create table work_share as
with
    danger as (
        select
            i,
            is_bad,
            sqrt(inspection_weight)
            * case
                when division between '47' and '50' then 6
                when division between '06' and '11' then 5
                when division between '13' and '43' then 3
                when division in ('54', '59') then 2
                else 1
            end as weight
        from entity
        where kind <> 'small_place' and established_on < getvariable('history_start') and closed_on is null
    ),

-- nobody has accidents by the dozen: a few at a bad actor, one or two elsewhere
    bounded as (
        select
            i,
            (1000 * least(weight * case when is_bad then 5 else 1 end, mean * case when is_bad then 30 else 10 end))::bigint as weight
        from danger cross join (select avg(weight) as mean from danger)
    )

select i, (sum(weight) over (order by i) - weight) / (sum(weight) over ())::double as share_from
from bounded;

create table work_accident as
with
    -- spread over the history in equal steps with a jitter, so that no small city has months on end without any
    drawn as (
        select
            n,
            rnd(n, 'work whom') as whom,
            (row_number() over (order by rnd(n, 'work order')) - 1 + rnd(n, 'work when')) / getvariable('work_accidents') as at
        from range(1, getvariable('work_accidents') + 1) as t(n)
    ),

    dated as (select d.n, d.whom, c.day from drawn as d asof join calendar as c on d.at >= c.accidents_from),

    met as (select d.n, d.day, s.i from dated as d asof join work_share as s on d.whom >= s.share_from),

    told as (
        select
            m.n,
            e.i,
            e.uscc,
            e.name,
            e.district_code,
            case when rnd(m.n, 'work no street') >= 0.06 then e.street_code end as street_code,
            e.address,
            e.industry_code,
            e.division,
            m.day::timestamp + to_minutes(360 + floor(900 * sqrt(rnd(m.n, 'work hour')) )::bigint) as occurred_at,
            -- the first few are the relatively serious ones: by deaths, by injuries, by loss
            case
                when m.n = 2 then 1 when m.n = 3 then 2
                when m.n <= getvariable('serious_accidents') then 3 + rint(m.n, 'serious deaths', 0, 1)
                when rnd(m.n, 'deaths') < 0.42 then 0 when rnd(m.n, 'deaths') < 0.95 then 1 else 2
            end::bigint as deaths,
            case
                when m.n = 2 then 11
                when rnd(m.n, 'deaths') < 0.42 then 1 + rint(m.n, 'serious', 0, 1)
                else floor(3 * pow(rnd(m.n, 'serious'), 4))
            end::bigint as serious,
            floor(4 * pow(rnd(m.n, 'minor'), 2))::bigint as minor,
            m.n = 3 as is_costly,
            m.n > getvariable('serious_accidents') and rnd(m.n, 'written off') < 0.05 as is_written_off,
            not (m.n > getvariable('serious_accidents') and rnd(m.n, 'unrelated') < 0.05) as is_production_related,
            m.n = getvariable('serious_accidents') + 1 as is_concealed
        from met as m join entity as e on e.i = m.i
    )

select
    *,
    case
        when is_costly then 12000000 + 10000 * rint(n, 'loss', 0, 400)
        else 1000 * round((20 + deaths * 1350 + serious * 260) * (0.6 + 0.8 * rnd(n, 'loss')))
    end::decimal(18, 2) as loss_yuan,
    case
        when division between '47' and '50' then pick(n, 'type', ['09', '09', '09', '09', '10', '01', '01', '04', '05', '03'])
        when division in ('25', '26', '27') then pick(n, 'type', ['18', '19', '07', '08', '17', '20', '09'])
        when division between '06' and '11' then pick(n, 'type', ['11', '10', '01', '13', '02', '09'])
        when division in ('31', '32', '33') then pick(n, 'type', ['03', '04', '07', '01', '02', '19', '03'])
        when division between '13' and '43' then pick(n, 'type', ['03', '03', '03', '01', '02', '04', '05', '09'])
        when division in ('54', '59', '58') then pick(n, 'type', ['02', '02', '02', '01', '04', '09'])
        else pick(n, 'type', ['09', '05', '19', '20', '01', '06', '08'])
    end as type_code,
    -- how many of the dead were still alive at the first report
    case when deaths > 0 and (n <= 3 or rnd(n, 'dies later') < 0.22) then 1 else 0 end::bigint as died_later
from told;

create table work_report as
select
    *, 1 as version,
    occurred_at + to_minutes(case when is_concealed then 60 * 24 * 12 else rint(n, 'first report', 25, 100) end) as reported_at
from work_accident
union all
select *, 2, occurred_at + to_minutes(60 * 24 * rint(n, 'revised', 2, 28) + rint(n, 'revised at', 0, 600))
from work_accident
where died_later > 0 or rnd(n, 'revised anyway') < 0.25 or is_written_off
union all
select *, 3, office_time(occurred_at::date + rint(n, 'closed', 62, 118)::int, n, 'closed at')
from work_accident
where rnd(n, 'gets closed') < 0.93;

create table v_yjgl__accident as
select
    'SG' || strftime(occurred_at, '%Y%m%d') || lpad(n::varchar, 5, '0') as accident_id,
    (row_number() over (partition by n order by reported_at, version))::bigint as report_version,
    occurred_at,
    reported_at,
    district_code,
    street_code,
    address as place,
    uscc,
    name as enterprise_name,
    industry_code,
    case
        when division between '47' and '50' then '城乡建设局' when division in ('54', '55') then '交通运输局'
        when division in ('45', '78') then '城市管理局' when division in ('51', '52', '61', '62') then '商务局'
        when division in ('01', '02', '03', '04') then '农业农村局' else '应急管理局'
    end as supervising_department,
    type_code as accident_type_code,
    case when later then deaths else deaths - died_later end as deaths,
    case when later then serious else serious + died_later end as serious_injuries,
    minor as minor_injuries,
    case when version = 1 then 1000 * round(loss_yuan * 0.7 / 1000) else loss_yuan end::decimal(18, 2) as direct_loss_yuan,
    is_production_related,
    case when is_written_off and version >= 2 then 'written_off' else 'valid' end as record_status,
    case when is_written_off and version >= 2
        then pick(n, 'reason', ['经调查认定为自身疾病发作', '经调查认定为自然灾害', '公安机关认定为刑事案件']) end as exclusion_reason,
    is_concealed,
    case version when 3 then reported_at::date end as closed_on,
    -- fires are told apart from other accidents at work only where the form asks for it: 08_accident_follow_up.sql
    cast(null as varchar) as statistical_domain,
    case when not is_concealed and rnd(n, 'received known') < 0.9
        then occurred_at + to_minutes(floor(rint(n, 'first report', 25, 100) * (0.3 + 0.6 * rnd(n, 'received')))::bigint) end
        as received_at,
    case when version = 3 then case when is_concealed then 'concealed' when rnd(n, 'false report') < 0.012 then 'false_report'
        when rnd(n, 'false report') < 0.03 then 'omitted' end end as reporting_violation,
    case when version = 3 and submitted_on > occurred_at::date + 60
        then case when rnd(n, 'extension') > 0.85 then 0 when submitted_on > occurred_at::date + 90 then 60 else 30 end end::bigint
        as investigation_extension_days,
    case when version = 3 and rnd(n, 'appraised') < 0.1 then rint(n, 'appraisal', 10, 30) end as appraisal_days,
    case version when 3 then submitted_on end as report_submitted_on,
    case version when 3 then reported_at::date end as approved_on
from (
    select
        *,
        -- a closing report knows what an earlier revision told; one without a revision tells it itself
        version >= 2 as later,
        reported_at::date - rint(n, 'approved after', 2, 18)::int as submitted_on
    from work_report
);

create table v_yjgl__accident_casualty as
with
    victim as (
        select
            a.*,
            j,
            n * 64 + j as k,
            case
                when j <= deaths - died_later then 'death' when j <= deaths then 'late death'
                when j <= deaths + serious then 'serious' else 'minor'
            end as fate,
            (select min(r.reported_at) from work_report as r where r.n = a.n) as first_at,
            (select min(r.reported_at) from work_report as r where r.n = a.n and r.version >= 2) as revised_at
        from work_accident as a, unnest(range(1, deaths + serious + minor + 1)) as t(j)
    ),

    versions as (
        select *, 1 as version, first_at + interval 3 hour as updated_at from victim
        union all
        select *, 2, revised_at from victim where fate = 'late death' and revised_at is not null
    )

select
    'RY' || strftime(occurred_at, '%Y%m%d') || lpad(n::varchar, 5, '0') || '-' || lpad(j::varchar, 2, '0') as casualty_id,
    'SG' || strftime(occurred_at, '%Y%m%d') || lpad(n::varchar, 5, '0') as accident_id,
    person(k, 'victim') as victim_name,
    -- 320100 is the city itself, which no identity card carries: valid in form, nobody's
    identity_number(
        '320100' || strftime(occurred_at::date - (365 * rint(k, 'age', 20, 60) + rint(k, 'born', 1, 300))::int, '%Y%m%d')
        || lpad((2 * rint(k, 'serial', 0, 499) + case when rnd(k, 'sex') < 0.88 then 1 else 0 end)::varchar, 3, '0')
    ) as victim_id_number,
    case when rnd(k, 'sex') < 0.88 then 'male' else 'female' end as gender,
    rint(k, 'age', 20, 60) as age_years,
    pick(k, 'job', getvariable('occupations')) as occupation,
    case
        when fate = 'late death' then case version when 2 then 'death' else 'serious' end
        else fate
    end as injury,
    case
        when fate = 'death' then occurred_at::date when fate = 'late death' and version = 2 then updated_at::date
    end as died_on,
    rnd(k, 'trained') < 0.7 as was_trained,
    updated_at
from versions;

create table v_gaj__road_accident as
with
    carriers as (
        select i, row_number() over (order by i) as rank, count(*) over () as carriers
        from entity where division = '54' and kind <> 'small_place' and closed_on is null
            and established_on < getvariable('history_start')
    ),

    drawn as (
        select
            n,
            (row_number() over (order by rnd(n, 'road order')) - 1 + rnd(n, 'road when')) / getvariable('road_accidents') as at
        from range(1, getvariable('road_accidents') + 1) as t(n)
        union all
        -- reported though the vehicle carried nobody and nothing for hire: known, and not counted
        select getvariable('road_accidents') + n, rnd(n, 'private road when')
        from range(1, getvariable('non_operating_accidents') + 1) as t(n)
    ),

    dated as (select d.n, c.day from drawn as d asof join calendar as c on d.at >= c.accidents_from),

    told as (
        select
            d.n,
            d.day::timestamp + to_minutes(rint(d.n, 'road hour', 0, 1439)) as occurred_at,
            p.district_code,
            case when rnd(d.n, 'road no street') >= 0.08 then p.street_code end as street_code,
            p.street_name || pick(d.n, 'road', s.roads) as place,
            e.uscc,
            e.name,
            case when d.n = 1 then 3 when rnd(d.n, 'road deaths') < 0.36 then 0
                when rnd(d.n, 'road deaths') < 0.94 then 1 else 2 end::bigint as deaths,
            case when rnd(d.n, 'road deaths') < 0.36 then 1 + rint(d.n, 'road injured', 0, 2)
                else floor(3 * pow(rnd(d.n, 'road injured'), 2)) end::bigint as injured,
            (200 * rint(d.n, 'road loss', 10, 900))::decimal(18, 2) as loss_yuan,
            case
                when d.n > getvariable('road_accidents') then 'non_operating'
                when rnd(d.n, 'vehicle') < 0.42 then 'freight' when rnd(d.n, 'vehicle') < 0.54 then 'taxi'
                when rnd(d.n, 'vehicle') < 0.66 then 'ride_hailing' when rnd(d.n, 'vehicle') < 0.76 then 'bus'
                when rnd(d.n, 'vehicle') < 0.83 then 'coach' when rnd(d.n, 'vehicle') < 0.88 then 'hazmat'
                when rnd(d.n, 'vehicle') < 0.91 then 'tourist' when rnd(d.n, 'vehicle') < 0.94 then 'commuter'
                when rnd(d.n, 'vehicle') < 0.96 then 'rental' when rnd(d.n, 'vehicle') < 0.975 then 'driving_school'
                when rnd(d.n, 'vehicle') < 0.99 then 'rescue' else 'school_bus'
            end as vehicle_kind,
            rnd(d.n, 'road written off') < 0.04 and d.n > 1 as is_written_off
        from
            dated as d
            join district_share as s on rnd(d.n, 'road district') >= s.share_from and rnd(d.n, 'road district') < s.share_to
            join place as p on p.district_code = s.district_code and p.rank = 1 + floor(p.streets * rnd(d.n, 'road street'))
            left join carriers as c on c.rank = 1 + floor(c.carriers * pow(rnd(d.n, 'carrier'), 2)) and rnd(d.n, 'own car') < 0.82
            left join entity as e on e.i = c.i
    ),

    versions as (
        select *, 1 as version, occurred_at + to_minutes(rint(n, 'road told', 60, 900)) as updated_at from told
        union all
        select *, 2, occurred_at + to_minutes(60 * 24 * rint(n, 'road revised', 1, 6) + rint(n, 'road revised at', 0, 600))
        from told
        where is_written_off or rnd(n, 'road later') < 0.3
    )

select
    'DL' || strftime(occurred_at, '%Y%m%d') || lpad(n::varchar, 5, '0') as road_accident_id,
    version::bigint as report_version,
    occurred_at,
    district_code,
    street_code,
    place,
    vehicle_kind,
    uscc,
    name as enterprise_name,
    person(n, 'driver') as driver_name,
    case when version = 1 and later_death then deaths - 1 else deaths end as deaths,
    case when version = 1 and later_death then injured + 1 else injured end as injuries,
    loss_yuan as direct_loss_yuan,
    case when is_written_off and version = 2 then 'written_off' else 'valid' end as record_status,
    updated_at
from (select *, deaths > 0 and rnd(n, 'road later') < 0.18 as later_death from versions);
