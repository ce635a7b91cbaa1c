-- Red and black list entries and repairs (发改委), and the yearly figures of the districts (统计局).
create table case_file as
select
    case_no,
    any_value(uscc) as uscc,
    max(decided_on) as decided_on,
    max(paid_on) as paid_on,
    max(fine_yuan) as fine_yuan,
    any_value(penalty_kind) as penalty_kind
from v_yjgl__penalty
group by case_no;

create table listing as
with
    gross as (
        -- the worst first: entities with many or heavy cases, so that the bad actors recur here
        select
            e.i,
            sum(coalesce(c.fine_yuan, 0) + case when c.penalty_kind in ('suspension', 'revocation') then 200000 else 20000 end) as burden,
            max(c.decided_on) as last_on
        from case_file as c join entity as e using (uscc)
        where c.decided_on is not null and c.decided_on <= getvariable('as_of') - 20 and e.kind = 'enterprise'
        group by e.i
    ),

    black as (
        select
            i,
            'black' as list_kind,
            last_on + rint(i, 'blacklisted', 5, 60)::int as listed_on,
            pick(i, 'black basis', ['因生产安全事故被处罚且情节严重', '拒不执行停产停业整顿决定', '存在重大事故隐患逾期未整改',
                '一年内因同类违法行为受到两次以上处罚']) as basis,
            case when rnd(i, 'leaves black') < 0.35 then rint(i, 'left black', 365, 800)::int end as stays
        from (select *, row_number() over (order by burden * (0.5 + rnd(i, 'burden')) desc, i) as rank from gross)
        where rank <= getvariable('black_listings')
    ),

    red as (
        select
            i,
            'red' as list_kind,
            getvariable('history_start') - 300 + floor(1300 * rnd(i, 'red on'))::int as listed_on,
            '安全生产标准化达标且三年内无行政处罚' as basis,
            case when rnd(i, 'leaves red') < 0.12 then rint(i, 'left red', 120, 700)::int end as stays
        from (
            select e.i, row_number() over (order by rnd(e.i, 'red'), e.i) as rank
            from entity as e
            where
                e.kind = 'enterprise' and e.closed_on is null and e.uscc in (select uscc from v_yjgl__standardization)
                and e.uscc not in (select uscc from case_file where uscc is not null)
        )
        where rank <= getvariable('red_listings')
    ),

    -- listed before the history began and so over within it: most leave when their time is up, some late, some not at all
over as (
        select
            i,
            'black' as list_kind,
            getvariable('history_start') - rint(i, 'over listed', 100, 1000)::int as listed_on,
            '发生生产安全责任事故，负有主要责任' as basis,
            case when rnd(i, 'over leaves') < 0.70 then 1095 when rnd(i, 'over leaves') < 0.88 then 1095 + rint(i, 'over late', 6, 120)::int
            end as stays
        from (
            select e.i, row_number() over (order by rnd(e.i, 'over'), e.i) as rank
            from entity as e
            where
                e.kind = 'enterprise' and e.established_on < getvariable('history_start') - 1100
                and e.uscc not in (select uscc from case_file where uscc is not null)
                and e.i not in (select i from red)
        )
        where rank <= getvariable('expired_listings')
    ),

    -- agencies that assess and test for others, and signed what was not so (令第11号)
    agency as (
        select
            i,
            'black' as list_kind,
            getvariable('history_start') + floor(900 * rnd(i, 'agency listed'))::int as listed_on,
            pick(i, 'agency basis', ['出具虚假安全评价报告', '出具失实检测检验报告，情节严重', '租借资质、挂靠']) as basis,
            case when rnd(i, 'agency leaves') < 0.4 then rint(i, 'agency left', 365, 700)::int end as stays
        from (
            select e.i, row_number() over (order by case when e.division = '74' then 0 else 1 end, rnd(e.i, 'agency'), e.i) as rank
            from entity as e
            where
                e.kind = 'enterprise' and e.closed_on is null and e.established_on < getvariable('history_start')
                and e.uscc not in (select uscc from case_file where uscc is not null)
                and e.i not in (select i from red) and e.i not in (select i from over)
        )
        where rank <= getvariable('listed_agencies')
    )

select *, 'enterprise' as subject_kind from black
union all
select *, 'enterprise' from red
union all
select *, 'enterprise' from over
union all
select *, 'agency' from agency;

create table v_fgw__credit_list as
with
    versions as (
        select *, 1 as version, office_time(listed_on, i, 'list entry') as updated_at from listing
        union all
        select *, 2, office_time(listed_on + stays, i, 'list exit') from listing where stays is not null
    )

select
    case list_kind when 'black' then 'HMD' else 'RMD' end || strftime(v.listed_on, '%Y%m') || lpad(v.i::varchar, 7, '0') as entry_id,
    e.uscc,
    e.name as enterprise_name,
    v.list_kind,
    v.subject_kind,
    v.basis,
    case list_kind when 'black' then '南京市应急管理局' else '南京市发展和改革委员会' end as decided_by,
    v.listed_on,
    v.listed_on + case list_kind when 'black' then 1095 else 730 end as valid_until,
    case version when 2 then v.listed_on + stays end as removed_on,
    v.updated_at
from versions as v join entity as e using (i);

create table v_fgw__credit_repair as
with
    wished as (
        select
            case_no,
            cast(null as varchar) as entry_id,
            uscc,
            coalesce(paid_on, decided_on) + rint(case_no, 'repair after', 90, 320)::int as applied_on,
            case_no as k
        from case_file
        where decided_on is not null and uscc is not null and rnd(case_no, 'repairs') < 0.12
        union all
        select
            cast(null as varchar),
            entry_id,
            uscc,
            max(removed_on) - 40,
            entry_id
        from v_fgw__credit_list
        where list_kind = 'black'
        group by entry_id, uscc
        -- who is let go when his time is up has asked for nothing
        having max(removed_on) < max(valid_until)
    ),

    course as (
        select
            *,
            row_number() over (order by k) as serial,
            applied_on + rint(k, 'accepted', 1, 5)::int as accepted_on,
            applied_on + rint(k, 'repair took', 8, 30)::int as decided_on,
            case when entry_id is not null or rnd(k, 'repair granted') < 0.8 then 'granted' else 'refused' end as decision
        from wished
    ),

    versions as (
        select *, 1 as version, office_time(accepted_on, k, 'repair entered') as updated_at from course
        union all
        select *, 2, office_time(decided_on, k, 'repair decided') from course
    )

select
    'XY' || strftime(applied_on, '%Y%m%d') || lpad(serial::varchar, 6, '0') as repair_id,
    case_no,
    entry_id,
    uscc,
    applied_on,
    accepted_on,
    case version when 2 then decided_on end as decided_on,
    case version when 2 then decision else 'pending' end as decision,
    updated_at
from versions;

create table v_tjj__district_economy as
with
    released as (
        -- the figures of a year come out in May of the next; those of the last but one are revised in December
        select y as year, make_date(y::int + 1, 5, 20) as released_on, 1.0 as revision
        from range(year(getvariable('as_of')) - 5, year(getvariable('as_of'))) as t(y)
        union all
        select year(getvariable('as_of')) - 2, make_date(year(getvariable('as_of'))::int - 1, 12, 28), 1.004
    ),

    known as (
        select *, dense_rank() over (order by year desc) as recency
        from released
        where released_on <= getvariable('as_of')
    )

select
    e.district_code,
    k.year::bigint as year,
    (1000000 * round(
        100 * e.gdp * pow(1.048 + 0.02 * rnd(e.district_code, 'growth'), k.year - year(getvariable('as_of')) + 4) * k.revision
    ))::decimal(20, 2) as gdp_yuan,
    (100 * round(100 * e.employed * pow(1.006, k.year - year(getvariable('as_of')) + 4) * (1 + (k.revision - 1) / 2)))::bigint
        as employed_persons,
    (100 * round(100 * e.vehicles * pow(1.041, k.year - year(getvariable('as_of')) + 4)))::bigint as vehicles,
    -- there is no coal mine in the city
    cast(null as decimal(20, 2)) as coal_output_tonnes,
    k.released_on
from known as k cross join economy as e
where k.recency <= 4;
