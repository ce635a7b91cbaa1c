-- What comes beside and after the accidents of 04: those of other domains and those too slight to count, the measures
-- that an inquiry asks for, and what happened without anybody reporting it.
create table other_accident as
with
    drawn as (
        select n, rnd(n, 'other whom') as whom, rnd(n, 'other when') as at, 1 + (n - 1) % 10 as what
        from range(1, getvariable('other_accidents') + 1) as t(n)
    ),

    dated as (select d.n, d.whom, d.what, c.day from drawn as d asof join calendar as c on d.at >= c.accidents_from),

    met as (select d.*, s.i from dated as d asof join work_share as s on d.whom >= s.share_from)

select
    m.n,
    m.what,
    e.i,
    e.uscc,
    e.name,
    e.district_code,
    e.street_code,
    e.address,
    e.industry_code,
    m.day::timestamp + to_minutes(rint(m.n, 'other hour', 360, 1200)) as occurred_at,
    case when what in (1, 2) then 'fire' when what = 3 then 'water' when what = 4 then 'fishing_vessel' when what = 5 then 'farm_machinery'
        else 'work' end as domain,
    case when what in (1, 3, 5) then 1 else 0 end::bigint as deaths,
    case when what in (2, 4) then 1 else 0 end::bigint as serious,
    -- nobody hurt: below a million yuan it does not count, at a million it does
    case when what in (6, 7, 8) then 10000 * rint(m.n, 'other loss', 20, 99) when what = 9 then 1000000
        when what = 10 then 10000 * rint(m.n, 'other loss', 101, 600) else 1000 * rint(m.n, 'other loss', 50, 900) end::decimal(18, 2) as loss_yuan
from met as m join entity as e using (i);

insert into v_yjgl__accident by name
select
    'SG' || strftime(occurred_at, '%Y%m%d') || (90000 + n)::varchar as accident_id,
    1::bigint as report_version,
    occurred_at,
    occurred_at + to_minutes(rint(n, 'other told', 30, 150)) as reported_at,
    district_code,
    street_code,
    address as place,
    case when domain in ('work', 'fire') then uscc end as uscc,
    case when domain in ('work', 'fire') then name end as enterprise_name,
    case when domain in ('work', 'fire') then industry_code end as industry_code,
    case when domain = 'water' then '交通运输局' when domain in ('fishing_vessel', 'farm_machinery') then '农业农村局' else '应急管理局' end
        as supervising_department,
    case when domain = 'fire' then '08' when domain in ('water', 'fishing_vessel') then '06' when domain = 'farm_machinery' then '03' else '10' end
        as accident_type_code,
    deaths,
    serious as serious_injuries,
    0::bigint as minor_injuries,
    loss_yuan as direct_loss_yuan,
    true as is_production_related,
    'valid' as record_status,
    false as is_concealed,
    domain as statistical_domain,
    occurred_at + to_minutes(rint(n, 'other received', 10, 25)) as received_at
from other_accident;

-- the measures of an inquiry: three to five an accident, from the day of its approval
create table v_yjgl__corrective_measure as
with
    asked as (
        select
            a.accident_id,
            a.enterprise_name,
            a.district_code,
            a.supervising_department,
            a.approved_on as issued_on,
            j,
            hash(a.accident_id) % 1000003 * 8 + j as k
        from v_yjgl__accident as a, unnest(range(1, 4 + (hash(a.accident_id) % 3)::bigint)) as t(j)
        where a.approved_on is not null and a.is_production_related and a.record_status = 'valid'
    ),

    planned as (
        select
            *,
            ['technical', 'management', 'training', 'accountability', 'supervision'][j] as kind,
            issued_on + rint(k, 'measure due', 30, 150)::int as due_on,
            rnd(k, 'measure done') as fate,
            rint(k, 'measure before', 0, 25)::int as before,
            rint(k, 'measure after', 1, 70)::int as after
        from asked
    ),

    carried_out as (
        select *, case when fate < 0.80 then greatest(issued_on + 1, due_on - before) when fate < 0.93 then due_on + after end as done_on
        from planned
    ),

    versions as (
        select *, 1 as version, office_time(issued_on + 1, k, 'measure told') as updated_at from carried_out
        union all
        select *, 2, office_time(done_on + 1, k, 'measure done at') from carried_out where done_on is not null
        union all
        select *, 3, office_time(issued_on + rint(k, 'measure evaluated', 300, 380)::int, k, 'measure evaluated at')
        from carried_out
        where rnd(accident_id, 'is evaluated') < 0.85
    )

select
    'ZG' || substr(accident_id, 3) || '-' || j::varchar as measure_id,
    accident_id,
    kind as measure_kind,
    pick(k, 'measure text', case kind
        when 'technical' then ['改造防护装置并联锁停机', '增设通风与检测报警装置', '更换老化吊具并定期检测']
        when 'management' then ['修订作业审批制度', '建立外包单位安全管理台账', '落实动火作业旁站监护']
        when 'training' then ['全员复训并考核', '新员工三级教育补训', '班组长专题培训']
        when 'accountability' then ['追究主要负责人责任', '追究分管负责人责任']
        else ['开展同类企业专项检查', '约谈企业主要负责人', '纳入重点监管名单'] end) as measure_text,
    case when kind = 'supervision' then 'department' when kind = 'accountability' and rnd(k, 'who answers') < 0.3 then 'government' else 'enterprise' end
        as responsible_party,
    case when kind = 'supervision' then supervising_department when kind = 'accountability' and rnd(k, 'who answers') < 0.3 then null
        else enterprise_name end as responsible_unit,
    issued_on,
    due_on,
    case when updated_at::date > done_on then done_on end as done_on,
    case when version = 3 then updated_at::date end as evaluated_on,
    case when version = 3 then case when done_on is null or done_on >= updated_at::date then 'not_implemented'
        when rnd(k, 'measure verdict') < 0.1 then 'partly' else 'implemented' end end as evaluation,
    updated_at
from versions
-- a measure done after it was evaluated is told at the evaluation's own moment only once
qualify row_number() over (partition by accident_id, j, updated_at order by version desc) = 1;

-- accidents that nobody reported: somebody was badly hurt at work, the labour office and sometimes the fire brigade know
create table unreported_accident as
with
    drawn as (
        select n, rnd(n, 'unreported whom') as whom,
            getvariable('history_start') + floor((getvariable('as_of') - getvariable('history_start') - 150) * rnd(n, 'unreported when'))::int as day
        from range(1, getvariable('unreported_accidents') + 1) as t(n)
    )

select
    d.n, d.day, s.i,
    case when d.n % 3 = 1 then 1 else 0 end as deaths,
    case when d.n % 3 = 1 then 0 else 1 + (d.n % 2) end as serious,
    d.n % 3 = 0 as is_fire
from drawn as d asof join work_share as s on d.whom >= s.share_from;

-- what looks like one and is none, of six kinds: on the way to work, an illness, a sudden death, an injury that was not
-- accepted, a slight one, and one of a reported accident whose date the labour office has two days late
create table look_alike as
with
    drawn as (
        select n, rnd(n, 'alike whom') as whom, 1 + (n - 1) % 6 as what,
            getvariable('history_start') + floor((getvariable('as_of') - getvariable('history_start') - 150) * rnd(n, 'alike when'))::int as day
        from range(1, getvariable('look_alikes') + 1) as t(n)
    ),

    met as (select d.*, s.i from drawn as d asof join work_share as s on d.whom >= s.share_from),

    reported as (
        select i, occurred_at::date as day, row_number() over (order by rnd(n, 'alike reported'), n) as place
        from work_accident
        where serious > 0 and not is_concealed and occurred_at::date < getvariable('as_of') - 150
    )

select
    m.n,
    m.what,
    coalesce(r.i, m.i) as i,
    coalesce(r.day + 2, m.day)::date as day,
    case when what in (1, 3) then 'death' when what = 5 then 'minor' else 'serious' end as outcome,
    case what when 1 then 'commuting' when 2 then 'occupational_disease' when 3 then 'sudden_illness' else 'workplace' end as cause
from met as m left join reported as r on m.what = 6 and r.place = 1 + floor((m.n - 1) / 6)::bigint
where m.what <> 6 or r.i is not null;

-- accidents that were reported with fewer casualties than there were: the labour office knows one more dead or badly
-- hurt. The first is one of two dead, so that a third would have made it a graver accident.
create table understated_accident as
with
    candidate as (
        select n, i, occurred_at::date as day, deaths, row_number() over (partition by deaths = 2 order by rnd(n, 'understated'), n) as rank
        from work_accident
        where
            n > getvariable('serious_accidents') and not is_written_off and not is_concealed and is_production_related
            and occurred_at::date < getvariable('as_of') - 150
    ),

    ranked as (
        select n, i, day, row_number() over (order by deaths = 2 and rank = 1 desc, rnd(n, 'understated'), n) as place from candidate
    )

select n, i, day, place, case when place % 2 = 1 then 'death' else 'serious' end as outcome
from ranked
where place <= getvariable('understated_accidents');
