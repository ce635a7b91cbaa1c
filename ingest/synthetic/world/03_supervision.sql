-- Inspections of the emergency bureau and of the fire service, the hazards found, the cases filed.
create table inspected_share as
select
    i,
    (sum(inspection_weight) over (order by i) - inspection_weight)
    / (sum(inspection_weight) over ())::double as inspection_from,
    (sum(fire_weight) over (order by i) - fire_weight) / (sum(fire_weight) over ())::double as fire_from
from entity;

create table visit as
with
    drawn as (
        select
            n,
            rnd(n, 'visit whom') as whom,
            rnd(n, 'visit when') as at
        from range(1, (getvariable('inspections') * 1.21)::bigint + 1) as t(n)
    ),

    dated as (select d.n, d.whom, c.day from drawn as d asof join calendar as c on d.at >= c.inspecting_from),

    met as (select d.n, d.day, s.i from dated as d asof join inspected_share as s on d.whom >= s.inspection_from)

select
    m.n,
    m.day,
    e.i,
    e.entity_id,
    e.uscc,
    e.name,
    e.district_code,
    case when rnd(m.n, 'no street') >= 0.05 then e.street_code end as street_code,
    e.is_bad,
    e.business,
    case
        -- a few of the special ones guard great events, a few of the routine ones follow accidents
        when rnd(m.n, 'why') < 0.47 and rnd(m.n, 'after an accident') < 0.006 then 'accident'
        when rnd(m.n, 'why') between 0.47 and 0.69 and rnd(m.n, 'great event') < 0.05 then 'major_event'
        when rnd(m.n, 'why') < 0.47 then 'routine' when rnd(m.n, 'why') < 0.69 then 'special'
        when rnd(m.n, 'why') < 0.83 then 'random' when rnd(m.n, 'why') < 0.94 then 'recheck'
        when rnd(m.n, 'why') < 0.97 then 'complaint' else 'joint'
    end as kind,
    case
        when rnd(m.n, 'why') between 0.83 and 0.94 and rnd(m.n, 'found') < 0.9 then 0
        when rnd(m.n, 'found') < case when e.is_bad then 0.15 else 0.55 end then 0
        else 1 + floor(-ln(1.0 - rnd(m.n, 'how many')) * case when e.is_bad then 2.4 else 1.15 end)
    end::bigint as hazards
from met as m join entity as e on e.i = m.i
where m.day >= e.established_on and (e.closed_on is null or m.day < e.closed_on);

create table found_hazard as
select
    * exclude (general, major),
    case level when 'major' then pick(k, 'text', w.major) else pick(k, 'text', w.general) end as wording,
    day + case level when 'major' then pick(k, 'term', [30, 60, 90]) else pick(k, 'term', [7, 15, 15, 30]) end as deadline_on
from (
    select
        v.*,
        j,
        n * 64 + j as k,
        case when rnd(n * 64 + j, 'level') < case when is_bad then 0.10 else 0.022 end then 'major' else 'general' end as level
    from visit as v, unnest(range(1, least(hazards, 40) + 1)) as t(j)
) join hazard_words as w using (business);

create table mended_hazard as
with
    mended as (
        select
            *,
            case
                when rnd(k, 'mended') < case when is_bad then 0.88 else 0.97 end
                    then case
                        when rnd(k, 'in time') < case when is_bad then 0.70 else 0.93 end
                            then day + (floor((deadline_on - day + 1) * sqrt(rnd(k, 'mended on'))))::int
                        else deadline_on + 1 + (35 * pow(rnd(k, 'late by'), 2))::int
                    end
            end as rectified_on
        from found_hazard
    )

-- who will be late asks in time for a longer term, now and then
select
    *,
    case
        when (rectified_on is null or rectified_on > deadline_on) and rnd(k, 'extended') < case when is_bad then 0.12 else 0.3 end
            then deadline_on - rint(k, 'extended on', 0, 3)::int
    end as extended_on,
    deadline_on + pick(k, 'extended by', [15, 15, 30]) as extended_to
from mended;

create table v_yjgl__hazard as
with
    versions as (
        select *, 1 as version, office_time(day + rint(k, 'entered', 0, 1)::int, k, 'entered at') as updated_at
        from mended_hazard
        union all
        -- a recheck found it half done, often after the enterprise had said it was mended: a longer term is granted
        select *, 2, office_time(greatest(extended_on, day + 2), k, 'extended at')
        from mended_hazard
        where extended_on is not null
        union all
        select *, 3, office_time(rectified_on + 2 + rint(k, 'rechecked', 0, 5)::int, k, 'closed at')
        from mended_hazard
        where rectified_on is not null
    )

select
    'YH' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') || '-' || j::varchar as hazard_id,
    'JC' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') as inspection_id,
    uscc,
    name as enterprise_name,
    district_code,
    street_code,
    day as found_on,
    level,
    wording.category as category,
    wording.description as description,
    case when version > 1 and extended_on is not null then extended_to else deadline_on end as deadline_on,
    case version
        when 3 then rectified_on
        when 2 then case when rnd(k, 'said it was mended') < 0.5 then greatest(extended_on, day + 2) - 1 end
    end as rectified_on,
    case version when 3 then rectified_on + 1 + rint(k, 'rechecked', 0, 5)::int when 2 then updated_at::date end as rechecked_on,
    case version when 3 then updated_at::date end as closed_on,
    case when is_listed then case when rnd(k, 'listed') < 0.05 then 'province' when rnd(k, 'listed') < 0.3 then 'city' else 'district' end
    end as listed_level,
    case when rnd(k, 'no order') >= 0.03 then '（宁）应急责改〔' || year(day)::varchar || '〕' || n::varchar || '号' end as order_no,
    case when rnd(k, 'no order') >= 0.03 then day end as ordered_on,
    case when version > 1 and extended_on is not null then deadline_on end as original_deadline_on,
    case when version > 1 and extended_on is not null then greatest(extended_on, day + 2) end as extended_on,
    case when version > 1 and extended_on is not null then 1 else 0 end::bigint as extension_count,
    case version when 3 then 'passed' when 2 then 'failed' end as recheck_result,
    case when version > 1 then '（宁）应急复查〔' || year(day)::varchar || '〕' || k::varchar || '-' || version::varchar || '号' end as recheck_document_no,
    case version when 3 then 100 * greatest(1, round(exp(case level when 'major' then 6.2 else 2.6 end + 0.9 * gauss(k, 'cost')))) end::decimal(18, 2)
        as rectification_cost_yuan,
    case when is_listed then '宁安委办督〔' || year(day)::varchar || '〕' || k::varchar || '号' end as listing_no,
    case when is_listed then day end as listed_on,
    case when is_listed then case when version > 1 and extended_on is not null then extended_to else deadline_on end end as listing_deadline_on,
    case when is_listed and version = 3 then updated_at::date end as delisted_on,
    updated_at
from (select *, level = 'major' and rnd(k, 'listed') < 0.8 as is_listed from versions);

-- Whom the bureau punishes for what a visit found. What the case system never hears of (体外循环) is planted here.
create table outcome as
select
    *,
    hazards_found > 0 and rnd(n, 'punished') < case when is_bad then 0.60 when major > 0 then 0.50 else 0.19 end as is_filed,
    hazards_found > 0 and rnd(n, 'off the system') < 0.004 as is_punished_unfiled,
    hazards_found > 0 and rnd(n, 'never filed') < 0.003 as is_never_filed
from (
    select n, any_value(is_bad) as is_bad, count(*) as hazards_found, count(*) filter (where level = 'major') as major
    from found_hazard
    group by n
);

create macro joint_task(k, day, kind) as case when kind = 'joint' then 'LJ' || strftime(day, '%Y%m%d') || lpad(k::varchar, 8, '0') end;

create table v_yjgl__inspection as
select
    'JC' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') as inspection_id,
    v.uscc,
    v.name as enterprise_name,
    v.district_code,
    v.street_code,
    v.day as inspected_on,
    v.kind as inspection_kind,
    person(n % 180, 'inspector') || '、' || person(n % 170, 'second inspector') as inspector_name,
    coalesce(f.hazards_found, 0)::bigint as hazards_found,
    coalesce(f.major, 0)::bigint as major_hazards_found,
    '宁' || d.short_name || '应急检〔' || year(v.day)::varchar || '〕' || n::varchar || '号' as document_no,
    joint_task(n, v.day, v.kind) as joint_task_no,
    case when f.n is null then 'none' when f.is_filed or f.is_never_filed then 'filed' when f.is_punished_unfiled then 'penalised' else 'ordered' end
        as handling,
    case when f.is_punished_unfiled and not f.is_filed and not f.is_never_filed
        then '（宁' || d.short_name || '）应急当罚〔' || year(v.day)::varchar || '〕' || n::varchar || '号' end as decision_no,
    office_time(v.day, n, 'typed in') + interval 20 minute as updated_at
from
    visit as v
    join district_share as d using (district_code)
    left join outcome as f using (n);

create table v_xfjy__fire_inspection as
with
    drawn as (
        select
            n,
            rnd(n, 'fire whom') as whom,
            rnd(n, 'fire when') as at
        from range(1, (getvariable('fire_inspections') * 1.26)::bigint + 1) as t(n)
    ),

    dated as (select d.n, d.whom, c.day from drawn as d asof join calendar as c on d.at >= c.inspecting_from),

    met as (select d.n, d.day, s.i from dated as d asof join inspected_share as s on d.whom >= s.fire_from),

    seen as (
        select
            m.n,
            m.day,
            e.*,
            case when rnd(m.n, 'fire found') < case when e.is_bad then 0.3 else 0.62 end then 0
                else 1 + floor(-ln(1.0 - rnd(m.n, 'fire many')) * 1.3) end::bigint as hazards
        from met as m join entity as e on e.i = m.i
        where m.day >= e.established_on and (e.closed_on is null or m.day < e.closed_on)
    ),

-- the fire service goes along with half of the emergency bureau's joint tasks
    called as (
        select 'XF' as mark, cast(null as varchar) as joint_task_no, * from seen
        union all by name
        select
            'XFL' as mark,
            joint_task(v.n, v.day, v.kind) as joint_task_no,
            10000000 + v.n as n,
            v.day,
            case when rnd(v.n, 'fire joint found') < 0.4 then 0 else 1 + floor(-ln(1.0 - rnd(v.n, 'fire joint many')))::bigint end as hazards,
            e.*
        from visit as v join entity as e using (i)
        where v.kind = 'joint' and rnd(v.n, 'fire goes along') < 0.5
    )

select
    mark || strftime(day, '%Y%m') || lpad(n::varchar, case mark when 'XF' then 7 else 8 end, '0') as fire_inspection_no,
    name as unit_name,
    uscc,
    district_code,
    day as checked_on,
    case
        when joint_task_no is not null then 'joint'
        when rnd(n, 'fire why') < 0.5 then 'routine' when rnd(n, 'fire why') < 0.66 then 'special'
        when rnd(n, 'fire why') < 0.86 then 'random' when rnd(n, 'fire why') < 0.94 then 'recheck'
        when rnd(n, 'fire why') < 0.98 then 'complaint' else 'joint'
    end as check_kind,
    hazards as fire_hazards_found,
    case when hazards > 0 and rnd(n, 'fire major') < 0.02 then 1 else 0 end::bigint as major_fire_hazards_found,
    floor(hazards * rnd(n, 'on site'))::bigint as rectified_on_site,
    case when hazards > 1 or (hazards = 1 and rnd(n, 'fire result') < 0.4) then 'fail' else 'pass' end as result,
    person(n % 140, 'fire inspector') as inspector_name,
    joint_task_no,
    office_time(day, n, 'fire typed in') + interval 15 minute as updated_at
from called;
