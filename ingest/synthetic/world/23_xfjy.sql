-- Fires. Some of those in production hurt people without an accident ever being reported to the emergency bureau.
create view v_xfjy__fire_incident as
with
    fire as (
        -- the fires behind accidents that were reported
        select
            900000000 + a.n as n,
            e.* exclude (n, day),
            a.occurred_at as alarm_at,
            case when e.business in ('service', 'construction') then 'shop' else 'factory' end as place_kind,
            a.deaths,
            a.serious + a.minor as injuries,
            true as is_production_related
        from work_accident as a join (select *, 0 as n, cast(null as date) as day from entity) as e using (i)
        where a.type_code = '08'
        union all
        -- fires in which somebody was hurt at work and no accident was reported
        select
            850000000 + a.n as n,
            e.* exclude (n, day),
            any_time(a.day, a.n, 'unreported fire at'),
            'factory',
            a.deaths,
            a.serious,
            true
        from unreported_accident as a join (select *, 0 as n, cast(null as date) as day from entity) as e using (i)
        where a.is_fire
        union all
        select
            n,
            f.* exclude (n, day, place_in_line, open_from, open_until),
            any_time(day, n, 'fire_incident alarm'),
            case
                when rnd(n, 'fire_incident place') < 0.42 then 'residence' when rnd(n, 'fire_incident place') < 0.52 then 'vehicle'
                when division = '62' then 'catering' when kind <> 'enterprise' or business = 'service' then 'shop'
                when business = 'logistics' then 'warehouse' when business = 'construction' then 'construction_site'
                when rnd(n, 'fire_incident place') < 0.9 then 'factory' else 'other'
            end,
            case when rnd(n, 'fire_incident deaths') < 0.004 then 1 else 0 end::bigint,
            case when rnd(n, 'fire_incident hurt') < 0.03 then rint(n, 'fire_incident injured', 1, 3) else 0 end,
            rnd(n, 'fire_incident place') >= 0.52 and rnd(n, 'fire_incident at work') < 0.7
        from events('fire_incident', getvariable('rows_xfjy__fire_incident') / 1.22, 'danger', 'live', 1.4) as f
    ),

    versions as (
        select *, 1 as version, alarm_at + to_minutes(rint(n, 'fire_incident entered', 200, 900)) as updated_at from fire
        union all
        select *, 2, office_time(alarm_at::date + rint(n, 'fire_incident found', 7, 60)::int, n, 'fire_incident found at')
        from fire
        where rnd(n, 'fire_incident inquiry') < 0.55 or deaths > 0
    )

select
    'HZ' || strftime(alarm_at, '%Y%m%d') || lpad((n % 100000000)::varchar, 7, '0') || case when n >= 900000000 then 'S' else '' end as incident_no,
    alarm_at,
    alarm_at + to_minutes(rint(n, 'fire_incident arrived', 4, 18)) as arrived_at,
    alarm_at + to_minutes(rint(n, 'fire_incident out', 20, 240)) as extinguished_at,
    district_code,
    case when place_kind = 'residence' then '南京市' || district_name || street_name || brand(n, 'fire_incident estate') || '苑'
            || rint(n, 'fire_incident block', 1, 30)::varchar || '幢'
        when place_kind = 'vehicle' then '南京市' || district_name || street_name || '路段' else loosely(address, n, 'fire_incident address') end as address,
    case when place_kind not in ('residence', 'vehicle') then loosely(name, n, 'fire_incident name') end as enterprise_name,
    case when place_kind not in ('residence', 'vehicle') and rnd(n, 'fire_incident code') < 0.3 then uscc end as uscc,
    place_kind,
    case
        when version = 1 and rnd(n, 'fire_incident inquiry') < 0.4 then 'unknown'
        when rnd(n, 'fire_incident cause') < 0.46 then 'electrical' when rnd(n, 'fire_incident cause') < 0.66 then 'careless_fire'
        when rnd(n, 'fire_incident cause') < 0.74 then case when is_production_related then 'operation' else 'playing' end
        when rnd(n, 'fire_incident cause') < 0.86 then 'smoking' when rnd(n, 'fire_incident cause') < 0.92 then 'spontaneous'
        when rnd(n, 'fire_incident cause') < 0.93 then 'arson' else 'unknown'
    end as cause,
    round(exp(1.5 + 1.2 * gauss(n, 'fire_incident area')))::decimal(18, 2) as burnt_area_sqm,
    deaths,
    injuries,
    (100 * round(exp(3.4 + 1.5 * gauss(n, 'fire_incident loss'))) * case version when 2 then 1 else 0.8 end)::decimal(18, 2) as direct_loss_yuan,
    rint(n, 'fire_incident engines', 1, 6) as fire_engines,
    is_production_related,
    '12' || lpad(rint(n, 'fire_incident caller', 0, 999999999)::varchar, 9, '0') as caller_phone,
    updated_at,
    case when place_kind not in ('residence', 'vehicle') then entity_id end as true_entity_id
from versions;
