-- What credit must come to under the rules of nanjing_four_colour_v2, on the last measuring day; written by hand from the
-- rules' text and from what was sent, with nothing of the warehouse. Runs after truth.sql.
create table t_measured as select max(measured_on) as measured_on, max(month_start) as month_start from t_month;

create table t_repair as
select * from s_fgw__credit_repair qualify row_number() over (partition by repair_id order by updated_at desc) = 1;

create table t_listing as
select * from s_fgw__credit_list qualify row_number() over (partition by entry_id order by updated_at desc) = 1;

create table t_certificate as
select * from s_yjgl__standardization qualify row_number() over (partition by certificate_no order by updated_at desc) = 1;

-- own checks and what regulators found, by quarter that is over
create table t_check_quarter as
select uscc, date_trunc('quarter', checked_on)::date as quarter_start, sum(hazards_found) as found
from (select * from s_yjgl__self_check qualify row_number() over (partition by check_id order by updated_at desc) = 1)
where checked_on < (select date_trunc('quarter', measured_on + 1) from t_measured)
group by all;

-- a happening counts for twelve months from its day, a state as long as it lasts
create table t_credit_event as
with
    happening as (
        select
            'penalty' as event_kind, uscc, decided_on as event_on, cast(null as varchar) as capped, 999 as cap,
            -case when penalty_kind in ('suspension', 'revocation') then 20 when fine_yuan >= 50000 then 10 else 5 end as points
        from t_penalty, t_measured
        where
            decided_on is not null
            and case_no not in (
                select case_no from t_repair, t_measured
                where case_no is not null and decision = 'granted' and decided_on <= measured_on
            )
        union all
        select 'major_hazard', uscc, found_on, null, 999, -8 from t_hazard where level = 'major'
        union all
        select 'hazard_overdue', uscc, deadline_on + 1, 'overdue', 15, -3
        from t_hazard
        where rectified_on is null or rectified_on > deadline_on
        union all
        select
            'accident', uscc, occurred_at::date, null, 999,
            -case when is_relatively_serious_or_above then 40 when deaths > 0 then 20 else 10 end
        from t_accident
        where is_statistical
        union all
        select 'commitment', uscc, verified_on, 'commitment', 10, -5
        from (select * from s_fgw__credit_commitment qualify row_number() over (partition by commitment_id order by updated_at desc) = 1)
        where fulfilment = 'broken'
        union all
        select
            'risk_report', uscc, case when review_status = 'returned' then reviewed_on else submitted_on end, 'report', 4,
            case when review_status = 'returned' then -2 else -1 end
        from (select * from s_yjgl__risk_report qualify row_number() over (partition by report_id order by updated_at desc) = 1)
        where review_status = 'returned' or submitted_on > due_on
        union all
        select 'standardisation_revoked', uscc, revoked_on, null, 999, -5 from t_certificate where revoked_on is not null
        union all
        select 'self_check', c.uscc, (c.quarter_start + interval 3 month - interval 1 day)::date, 'check', 6, -3
        from t_check_quarter as c
            join (select uscc, date_trunc('quarter', found_on)::date as quarter_start, count(*) as hazards from t_hazard group by all) as h
                using (uscc, quarter_start)
        where c.found = 0 and h.hazards >= 3
        union all
        select distinct 'self_check', k.uscc, (q.quarter_start + interval 3 month - interval 1 day)::date, 'check', 6, -2
        from
            (select distinct quarter_start from t_check_quarter) as q
            join t_key_listing as k
                on k.listed_on <= q.quarter_start
                and (k.delisted_on is null or k.delisted_on >= q.quarter_start + interval 3 month)
        where (k.uscc, q.quarter_start) not in (select (uscc, quarter_start) from t_check_quarter where uscc is not null)
    )

select event_kind, uscc, event_on, capped, cap, points
from happening, t_measured
where event_on > measured_on - interval 12 month and event_on <= measured_on
union all
select 'standardisation', uscc, granted_on, 'bonus', 10, case level when '1' then 5 when '2' then 3 else 2 end
from t_certificate, t_measured
where granted_on <= measured_on and valid_until >= measured_on and (revoked_on is null or revoked_on > measured_on)
union all
select 'redlist', uscc, listed_on, 'bonus', 10, 5
from t_listing, t_measured
where
    list_kind = 'red' and listed_on <= measured_on and (removed_on is null or removed_on > measured_on)
    and (valid_until is null or valid_until >= measured_on);

create table t_points as
select uscc, sum(greatest(-cap, least(cap, points))) as points
from (
    select uscc, coalesce(capped, event_kind) as capped, max(cap) as cap, sum(points) as points
    from t_credit_event
    group by all
)
group by uscc;

-- whoever sets the colour whatever the score: the black list, and an accident kept quiet within twelve months
create table t_red as
select uscc
from t_listing, t_measured
where
    list_kind = 'black' and listed_on <= measured_on and (removed_on is null or removed_on > measured_on)
    and (valid_until is null or valid_until >= measured_on)
    and entry_id not in (
        select entry_id from t_repair where entry_id is not null and decision = 'granted' and decided_on <= measured_on
    )
union
select uscc
from t_accident as a, t_measured
where
    a.is_statistical and a.occurred_at::date > measured_on - interval 12 month and a.occurred_at::date <= measured_on
    and a.accident_id in (
        select accident_id
        from (select * from s_yjgl__accident qualify row_number() over (partition by accident_id order by reported_at desc) = 1)
        where is_concealed
    );

create table t_scored as
select
    e.uscc,
    e.district_code,
    e.zone_code,
    greatest(0, least(100, 100 + coalesce(d.points, 0))) as score,
    case
        when e.uscc in (select uscc from t_red) then 'red' when 100 + coalesce(d.points, 0) >= 90 then 'green'
        when 100 + coalesce(d.points, 0) >= 75 then 'yellow' when 100 + coalesce(d.points, 0) >= 60 then 'orange' else 'red'
    end as colour
from t_enterprise as e left join t_points as d using (uscc), t_measured
where e.entity_kind = 'enterprise' and e.status = 'active' and e.established_on <= measured_on;

create table truth_credit as
with
    coloured as (select unnest(areas_of(district_code, zone_code)) as area_code, colour, score from t_scored)

select m.month_start, a.area_code, k.colour, count(c.colour) as enterprises
from
    t_measured as m
    cross join t_area as a
    cross join (select unnest(['green', 'yellow', 'orange', 'red']) as colour) as k
    left join coloured as c on c.area_code = a.area_code and c.colour = k.colour
group by all;

-- what counts on that day for the enterprises that are scored, before any cap, and what all their scores come to
create table truth_credit_events as
select event_kind, count(*) as events, sum(points)::bigint as points
from t_credit_event join t_scored using (uscc)
group by event_kind
union all
select 'score', count(*), sum(score)::bigint
from t_scored;

-- who must be off a list by that day, and is: the period over, or the repair granted
create table t_person_listing as
select * from s_fgw__credit_list_person qualify row_number() over (partition by entry_id order by updated_at desc) = 1;

create table t_person_repair as
select * from s_fgw__credit_repair_person qualify row_number() over (partition by repair_id order by updated_at desc) = 1;

create table truth_credit_list as
with
    due as (
        select
            l.list_kind,
            l.subject_kind,
            l.removed_on,
            l.valid_until < measured_on
            or l.entry_id in (select entry_id from t_repair where entry_id is not null and decision = 'granted' and decided_on <= measured_on)
                as is_due,
            measured_on
        from t_listing as l, t_measured
        where l.listed_on <= measured_on
        union all
        select
            'black',
            'person',
            p.removed_on,
            p.valid_until < measured_on
            or p.entry_id in (select entry_id from t_person_repair where decision = 'granted' and decided_on <= measured_on),
            measured_on
        from t_person_listing as p, t_measured
        where p.listed_on <= measured_on
    )

select
    list_kind,
    subject_kind,
    count(*) as entries,
    count(*) filter (removed_on <= measured_on) as removed,
    count(*) filter (is_due) as removal_due,
    count(*) filter (is_due and coalesce(removed_on > measured_on, true)) as removal_overdue
from due
group by list_kind, subject_kind;
