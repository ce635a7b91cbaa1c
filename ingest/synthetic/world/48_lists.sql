-- Persons on the list of serious dishonesty (令第11号), and what the credit platform displays to the public.
create table person_listing as
with
    -- who led or worked at a listed unit goes on the list with it, oftener at an agency
    named as (
        select
            l.i,
            e.uscc,
            e.name,
            e.district_code,
            l.subject_kind,
            l.listed_on + rint(l.i, 'person listed', 0, 12)::int as listed_on,
            case when l.subject_kind = 'agency' then 'agency_staff'
                else pick(l.i, 'person post', ['principal', 'principal', 'principal', 'controller', 'safety_manager', 'directly_responsible']) end as post
        from listing as l join entity as e using (i)
        where l.list_kind = 'black' and (l.subject_kind = 'agency' or rnd(l.i, 'person listed too') < 0.6)
    )

select
    *,
    -- let go early after a repair, when the time is up, late, or not at all
    case
        when rnd(i, 'person leaves') < 0.25 then rint(i, 'person left', 380, 800)
        when rnd(i, 'person leaves') < 0.60 then 1095
        when rnd(i, 'person leaves') < 0.75 then 1095 + rint(i, 'person late', 6, 90)
    end::int as stays
from named
where listed_on <= getvariable('as_of');

create table v_fgw__credit_list_person as
with
    versions as (
        select *, 1 as version, office_time(listed_on, i, 'person entry') as updated_at from person_listing
        union all
        select *, 2, office_time(listed_on + stays, i, 'person exit') from person_listing where stays is not null
    )

select
    'RYMD' || strftime(listed_on, '%Y%m') || lpad(i::varchar, 7, '0') as entry_id,
    person(i, 'listed person') as person_name,
    invented_identity(i, 'listed person id', listed_on - (365 * rint(i, 'listed person age', 30, 62) + rint(i, 'listed person born', 1, 300))::int,
        rnd(i, 'listed person sex') < 0.85) as identity_number,
    post,
    uscc as employer_uscc,
    name as employer_name,
    district_code,
    case post when 'agency_staff' then '参与出具虚假报告' when 'principal' then '对较大及以上生产安全事故负有责任' else '拒不履行安全生产职责，情节严重' end as basis,
    '南京市应急管理局' as decided_by,
    listed_on,
    listed_on + 1095 as valid_until,
    case version when 2 then listed_on + stays end as removed_on,
    updated_at
from versions;

create table v_fgw__credit_repair_person as
with
    wished as (
        select i, 'RYMD' || strftime(listed_on, '%Y%m') || lpad(i::varchar, 7, '0') as entry_id,
            case when stays < 1095 then listed_on + stays - 40 else listed_on + 400 end as applied_on,
            case when stays < 1095 then 'granted' else 'refused' end as decision
        from person_listing
        where stays < 1095 or rnd(i, 'person asks') < 0.2
    ),

    course as (
        select *, applied_on + rint(i, 'person accepted', 1, 5)::int as accepted_on, applied_on + rint(i, 'person repair took', 8, 30)::int as decided_on
        from wished
    ),

    versions as (
        select *, 1 as version, office_time(accepted_on, i, 'person repair entered') as updated_at from course
        union all
        select *, 2, office_time(decided_on, i, 'person repair decided') from course
    )

select
    'XYR' || strftime(applied_on, '%Y%m%d') || lpad(i::varchar, 7, '0') as repair_id,
    entry_id,
    applied_on,
    accepted_on,
    case version when 2 then decided_on end as decided_on,
    case version when 2 then decision else 'pending' end as decision,
    updated_at
from versions;

-- What the platform displays: every decision some days after it was made, a few never; taken down when it must be, most of
-- them in time, some late, some not at all, a few before their time.
create table v_fgw__publicity_display as
with
    repaired as (
        select case_no, min(decided_on) as repaired_on
        from v_fgw__credit_repair
        where case_no is not null and decision = 'granted'
        group by case_no
    ),

    lifted as (
        select entry_id, min(decided_on) as repaired_on
        from v_fgw__credit_repair
        where entry_id is not null and decision = 'granted'
        group by entry_id
    ),

    record as (
        select 'penalty' as record_kind, c.case_no as record_no, c.uscc, c.decided_on as begins_on,
            least((c.decided_on + interval 36 month)::date, coalesce(r.repaired_on, date '9999-12-31')) as must_end_on
        from case_file as c left join repaired as r using (case_no)
        where c.decided_on is not null
        union all
        select 'list_entry', l.entry_id, l.uscc, l.listed_on, least(l.valid_until + 1, coalesce(r.repaired_on, date '9999-12-31'))
        from (select distinct entry_id, uscc, list_kind, listed_on, valid_until from v_fgw__credit_list) as l left join lifted as r using (entry_id)
        where l.list_kind = 'black'
    ),

    fated as (
        select *, rnd(record_no, 'display fate') as fate, begins_on + rint(record_no, 'display begins', 1, 6)::int as displayed_on
        from record
        where rnd(record_no, 'display at all') < 0.985
    ),

    shown as (
        select
            *,
            case
                -- before its time, though only what has stood for half a year
                when fate < 0.01 and must_end_on > begins_on + 200 then begins_on + 150
                -- lists are kept less well than penalties
                when fate < case record_kind when 'penalty' then 0.82 else 0.55 end then must_end_on + rint(record_no, 'display ends', 0, 2)::int
                when fate < case record_kind when 'penalty' then 0.93 else 0.75 end then must_end_on + rint(record_no, 'display ends late', 12, 60)::int
            end as withdrawn_on
        from fated
        where displayed_on < must_end_on
    ),

    versions as (
        select *, 1 as version, office_time(displayed_on, record_no, 'display told') as updated_at from shown
        union all
        select *, 2, office_time(withdrawn_on, record_no, 'display end told') from shown where withdrawn_on < date '9000-01-01'
    )

select
    'GS' || case record_kind when 'penalty' then 'C' else 'M' end || record_no as display_no,
    record_kind,
    record_no,
    uscc,
    displayed_on,
    case version when 1 then 'shown' else 'withdrawn' end as display_state,
    case version when 2 then withdrawn_on end as withdrawn_on,
    updated_at
from versions;
