-- What the scripts of the departments draw from: who is open when, which days are busy, and two ways to draw.
-- A day is looked up by slot and an entity by rank: an equality join costs a fraction of an asof join.
create table season as
with
    slot as (select s as slot, s / 65536.0 as at from range(65536) as t(s)),

    working as (select s.slot, c.day from slot as s asof join calendar as c on s.at >= c.inspecting_from),

    danger as (select s.slot, c.day from slot as s asof join calendar as c on s.at >= c.accidents_from)

select
    w.slot,
    w.day as working,
    d.day as danger,
    (getvariable('history_start') + floor(s.at * (getvariable('as_of') - getvariable('history_start') + 1))::int)::date as even
from working as w join danger as d using (slot) join slot as s using (slot);

-- Entities that are open at some time of the history. `place_in_line` lets a pool of few hold at least some in any
-- city.
create table live as
select
    *,
    greatest(established_on, getvariable('history_start'))::date as open_from,
    coalesce(closed_on - 1, getvariable('as_of'))::date as open_until,
    row_number() over (order by rnd(i, 'in line'), i) as place_in_line
from entity
where closed_on is null or closed_on > greatest(established_on, getvariable('history_start')) + 30;

create view live_enterprise as select * from live where kind = 'enterprise';

-- those with a unified credit code: enterprises and sole traders
create view pool_coded as select * from live where uscc is not null;

create view pool_chemical as
select * from live where kind = 'enterprise' and (business = 'chemical' or place_in_line <= 12);

create view pool_industry as
select * from live
where kind = 'enterprise' and (business in ('industry', 'metal', 'chemical', 'construction', 'logistics') or place_in_line <= 12);

-- near enough to the middle of each district for a point on a map
create table district_centre as
select *
from (
    values
    ('320102', 118.80, 32.05), ('320104', 118.80, 32.02), ('320105', 118.73, 32.00), ('320106', 118.77, 32.07),
    ('320111', 118.63, 32.06), ('320113', 118.91, 32.10), ('320114', 118.78, 31.99), ('320115', 118.84, 31.95),
    ('320116', 118.82, 32.32), ('320117', 119.03, 31.65), ('320118', 118.89, 31.33)
) as t(district_code, centre_longitude, centre_latitude);

-- Events: `many` rows with a number n, an entity of `pool` (a table or view with the columns of `live`) and a day on
-- which it is open. season: working (inspectors' days), danger (accidents' days) or even. skew 1: any entity as often
-- as any other; 2, 3: a few have many, and those that inspectors see most are the likeliest among them.
create macro events(feed, many, season_kind, pool, skew) as table
with
    drawn as (
        select
            n,
            floor(rnd(n, feed || '/when') * 65536)::bigint as slot,
            1 + floor((select count(*) from query_table(pool)) * pow(rnd(n, feed || '/whom'), skew))::bigint as rank
        from range(1, many::bigint + 1) as t(n)
    ),

    member as (
        select *, row_number() over (order by -ln(1.0 - rnd(i, feed || '/rank')) / greatest(1, inspection_weight), i) as rank
        from query_table(pool)
    ),

    dated as (
        select
            d.n,
            d.rank,
            case season_kind when 'working' then s.working when 'danger' then s.danger else s.even end as day
        from drawn as d join season as s using (slot)
    )

select
    m.* exclude (rank),
    d.n,
    case
        when d.day between m.open_from and m.open_until then d.day
        else m.open_from + floor(rnd(d.n, feed || '/moved') * (m.open_until - m.open_from + 1))::int
    end::date as day
from dated as d join member as m using (rank);

-- Things kept in a register: as events, but `day`, the day it was entered, may lie years before the history.
create macro holdings(feed, many, pool, skew) as table
with
    drawn as (
        select
            n,
            1 + floor((select count(*) from query_table(pool)) * pow(rnd(n, feed || '/whom'), skew))::bigint as rank
        from range(1, many::bigint + 1) as t(n)
    ),

    member as (
        select *, row_number() over (order by -ln(1.0 - rnd(i, feed || '/rank')) / greatest(1, inspection_weight), i) as rank
        from query_table(pool)
    )

select
    m.* exclude (rank),
    d.n,
    (m.open_until - floor(least(m.open_until - m.established_on, 3600) * pow(rnd(d.n, feed || '/entered'), 0.7))::int)::date
        as day
from drawn as d join member as m using (rank);

-- how a small place, or a clerk in a hurry, writes a name or an address that another register has in full
create macro loosely(text, k, salt) as case
    when rnd(k, salt || '/loosely') < 0.25 then replace(text, '南京市', '')
    when rnd(k, salt || '/loosely') < 0.35 then replace(replace(text, '有限责任公司', '有限公司'), '（', '(')
    when rnd(k, salt || '/loosely') < 0.40 then text || ' '
    else text
end;
