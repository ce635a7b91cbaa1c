-- What the marts must come to, computed from the rows that were sent and from nothing of the warehouse.
-- Latest version per key; months run from the first month of the history to the month of as_of.
create table t_month as
select
    m::date as month_start,
    least(last_day(m::date), getvariable('as_of')) as measured_on
from generate_series(getvariable('history_start')::timestamp, getvariable('as_of')::timestamp, interval 1 month) as t(m);

create table t_zone as select code as street_code, functional_zone_code as zone_code from street where functional_zone_code <> '';

create table t_enterprise as
select e.*, z.zone_code
from
    (select * from s_scjg__enterprise qualify row_number() over (partition by entity_id order by updated_at desc) = 1) as e
    left join t_zone as z using (street_code);

-- an event lies where its own street says; without one, where its enterprise is registered, if that is in the event's
-- district
create macro zone_of(own_street, code, district) as case
    when own_street is not null then (select z.zone_code from t_zone as z where z.street_code = own_street)
    else (select e.zone_code from t_enterprise as e where e.uscc = code and e.district_code = district)
end;

create table t_accident as
with
    together as (
        select
            accident_id, coalesce(statistical_domain, 'work') as accident_domain, occurred_at, reported_at, report_version, district_code, street_code, uscc,
            deaths, serious_injuries, minor_injuries, direct_loss_yuan, is_production_related, record_status, exclusion_reason,
            cast(null as varchar) as vehicle_kind, 'direct' as sent_by, accident_type_code
        from s_yjgl__accident
        union all
        select
            road_accident_id, 'road', occurred_at, updated_at, report_version, district_code, street_code, uscc,
            deaths, injuries, null, direct_loss_yuan, true, record_status, null, vehicle_kind, 'police',
            null
        from s_gaj__road_accident
    ),

    latest as (
        select * from together
        qualify row_number() over (partition by sent_by, accident_id order by reported_at desc) = 1
    )

select
    l.* replace (l.district_code as district_code),
    zone_of(l.street_code, l.uscc, l.district_code) as zone_code,
    date_trunc('month', occurred_at)::date as month_start,
    -- nobody hurt and less than a million lost does not count, nor does a vehicle that carries nothing for hire
    deaths + serious_injuries + coalesce(minor_injuries, 0) = 0 and coalesce(direct_loss_yuan < 1000000, false) as is_too_slight,
    coalesce(vehicle_kind = 'non_operating', false) as is_private_vehicle,
    record_status = 'valid' and is_production_related and exclusion_reason is null and not is_too_slight and not is_private_vehicle
        as is_statistical,
    deaths >= 3 or serious_injuries >= 10 or coalesce(direct_loss_yuan, 0) >= 10000000 as is_relatively_serious_or_above
from latest as l;

-- `u_<subject>` holds what all feeds of a subject sent, in the subject's columns (truth.py)
create table t_inspection as
select *, zone_of(street_code, uscc, district_code) as zone_code, date_trunc('month', inspected_on)::date as month_start
from u_inspection
qualify row_number() over (partition by department_code, inspection_id order by updated_at desc) = 1;

-- what a recheck found not in place is not rectified, unless it was rectified again since
create table t_hazard as
select
    * exclude (rectified_on),
    case when recheck_result = 'failed' and rechecked_on <= getvariable('as_of') and rechecked_on >= rectified_on then null else rectified_on end
        as rectified_on,
    zone_of(street_code, uscc, district_code) as zone_code
from u_hazard
qualify row_number() over (partition by department_code, hazard_id order by updated_at desc) = 1;

create table t_penalty as
select *, zone_of(cast(null as varchar), uscc, district_code) as zone_code
from u_penalty
qualify row_number() over (partition by department_code, case_no order by updated_at desc) = 1;

create table t_policy as
select * from s_jrjg__policy qualify row_number() over (partition by policy_no order by updated_at desc) = 1;

create table t_key_listing as
select * from s_yjgl__key_supervision_list qualify row_number() over (partition by list_entry_id order by updated_at desc) = 1;

create table t_area as
select district_code as area_code from district_share
union all
select '320100'
union all
select '320190';

-- every event counts in its district and in the city; one whose street lies in 江北新区 counts there too
create macro areas_of(district, zone) as
    case when zone is null then [district, '320100'] else [district, '320100', zone] end;

create table truth_accident as
with
    placed as (
        select unnest(areas_of(district_code, zone_code)) as area_code, * from t_accident where is_statistical
    )

select
    m.month_start,
    a.area_code,
    d.accident_domain,
    count(p.accident_id) as accidents,
    coalesce(sum(p.deaths), 0)::bigint as deaths,
    coalesce(sum(p.serious_injuries), 0)::bigint as serious_injuries,
    count(p.accident_id) filter (where p.is_relatively_serious_or_above) as relatively_serious_or_above
from
    t_month as m
    cross join t_area as a
    cross join (select unnest(['road', 'work']) as accident_domain union select accident_domain from t_accident) as d
    left join
        placed as p
        on p.month_start = m.month_start and p.area_code = a.area_code and p.accident_domain = d.accident_domain
group by all;

create table truth_inspection as
with
    counted as (
        select
            unnest(areas_of(district_code, zone_code)) as area_code, department_code, month_start, 'inspections' as measure,
            1::decimal(18, 2) as amount
        from t_inspection
        union all
        select unnest(areas_of(district_code, zone_code)), department_code, date_trunc('month', found_on)::date, 'hazards_found', 1
        from t_hazard
        union all
        select unnest(areas_of(district_code, zone_code)), department_code, date_trunc('month', deadline_on)::date, measure, 1
        from (
            select
                *,
                unnest(list_filter(
                    [
                        'hazards_due',
                        case when rectified_on <= getvariable('as_of') then 'hazards_rectified' end,
                        case when rectified_on <= deadline_on then 'hazards_rectified_on_time' end
                    ],
                    lambda x: x is not null
                )) as measure
            from t_hazard
            where deadline_on <= getvariable('as_of')
        )
        union all
        select unnest(areas_of(district_code, zone_code)), department_code, date_trunc('month', decided_on)::date, 'penalties_decided', 1
        from t_penalty
        where decided_on is not null
        union all
        select
            unnest(areas_of(district_code, zone_code)), department_code, date_trunc('month', decided_on)::date, 'fine_yuan',
            coalesce(fine_yuan, 0)
        from t_penalty
        where decided_on is not null
    )

-- a figure of a kind that a department does not send at all is null, not 0
select
    m.month_start,
    a.area_code,
    d.department_code,
    case when d.sends_inspection then coalesce(sum(amount) filter (where measure = 'inspections'), 0) end::bigint as inspections,
    case when d.sends_hazard then coalesce(sum(amount) filter (where measure = 'hazards_found'), 0) end::bigint as hazards_found,
    case when d.sends_hazard then coalesce(sum(amount) filter (where measure = 'hazards_due'), 0) end::bigint as hazards_due,
    case when d.sends_hazard then coalesce(sum(amount) filter (where measure = 'hazards_rectified'), 0) end::bigint
        as hazards_rectified,
    case when d.sends_hazard then coalesce(sum(amount) filter (where measure = 'hazards_rectified_on_time'), 0) end::bigint
        as hazards_rectified_on_time,
    case when d.sends_penalty then coalesce(sum(amount) filter (where measure = 'penalties_decided'), 0) end::bigint
        as penalties_decided,
    case when d.sends_penalty then coalesce(sum(amount) filter (where measure = 'fine_yuan'), 0) end::double as fine_yuan
from
    t_month as m
    cross join t_area as a
    cross join t_sender as d
    left join
        counted as c
        on c.month_start = m.month_start and c.area_code = a.area_code and c.department_code = d.department_code
group by m.month_start, a.area_code, d.department_code, d.sends_inspection, d.sends_hazard, d.sends_penalty;

create table t_scope as
select m.month_start, m.measured_on, e.entity_id, e.uscc, e.district_code, e.zone_code
from t_month as m cross join t_enterprise as e
where
    e.entity_kind = 'enterprise'
    -- one that has closed since was in scope until its register said so
    and (e.status = 'active' or e.updated_at::date > m.measured_on)
    and e.established_on <= m.measured_on
    and (
        list_contains(getvariable('scope_prefixes'), left(e.industry_code, 2))
        or exists (
            select 1 from t_key_listing as k
            where
                k.uscc = e.uscc
                and list_contains(getvariable('scope_key_types'), k.key_type)
                and k.listed_on <= m.measured_on
                and (k.delisted_on is null or k.delisted_on > m.measured_on)
        )
    );

create table t_claim as
select c.*, e.district_code, e.zone_code
from
    (select * from s_jrjg__claim qualify row_number() over (partition by claim_no order by updated_at desc) = 1) as c
    join t_policy as p using (policy_no)
    join t_enterprise as e using (uscc);

create table t_policy_end as select *, least(end_on, coalesce(cancelled_on, end_on)) as ends_on from t_policy;

create table truth_insurance as
with
    in_scope as (
        select
            unnest(areas_of(district_code, zone_code)) as area_code,
            month_start,
            exists (
                select 1 from t_policy_end as p
                where p.uscc = s.uscc and p.start_on <= s.measured_on and s.measured_on < p.ends_on
            ) as is_insured,
            exists (
                select 1 from t_policy_end as p
                where p.uscc = s.uscc and p.start_on <= s.measured_on and p.start_on < p.ends_on
            ) as was_insured
        from t_scope as s
    ),

    enterprises as (
        select
            month_start,
            area_code,
            count(*) as in_scope_enterprises,
            count(*) filter (where is_insured) as insured_enterprises,
            count(*) filter (where was_insured and not is_insured) as lapsed_enterprises
        from in_scope
        group by all
    ),

    signed as (
        select
            date_trunc('month', p.signed_on)::date as month_start,
            unnest(areas_of(e.district_code, e.zone_code)) as area_code,
            p.premium_signed_yuan
        from t_policy as p join t_enterprise as e using (uscc)
    ),

    premium as (select month_start, area_code, sum(premium_signed_yuan) as premium_signed_yuan from signed group by all),

    in_force as (
        select m.month_start, unnest(areas_of(e.district_code, e.zone_code)) as area_code, p.policy_no
        from t_month as m join t_policy_end as p on p.start_on <= m.measured_on and m.measured_on < p.ends_on
            join t_enterprise as e using (uscc)
    ),

    covers as (select month_start, area_code, count(*) as policies_in_force from in_force group by all),

    occurred as (
        select date_trunc('month', occurred_on)::date as month_start, unnest(areas_of(district_code, zone_code)) as area_code,
            coalesce(paid_yuan, 0) + coalesce(reserve_yuan, 0) as incurred_yuan
        from t_claim
    ),

    incurred as (select month_start, area_code, sum(incurred_yuan) as incurred_yuan from occurred group by all),

    closed as (
        select date_trunc('month', settled_on)::date as month_start, unnest(areas_of(district_code, zone_code)) as area_code,
            settled_on - reported_on as days
        from t_claim
        where claim_status = 'settled'
    ),

    settled as (
        select month_start, area_code, count(*) as claims_settled, sum(days) as days_to_settle_total from closed group by all
    )

select
    m.month_start,
    a.area_code,
    coalesce(e.in_scope_enterprises, 0) as in_scope_enterprises,
    coalesce(e.insured_enterprises, 0) as insured_enterprises,
    coalesce(e.lapsed_enterprises, 0) as lapsed_enterprises,
    coalesce(p.premium_signed_yuan, 0)::double as premium_signed_yuan,
    coalesce(f.policies_in_force, 0) as policies_in_force,
    coalesce(i.incurred_yuan, 0)::double as incurred_yuan,
    coalesce(s.claims_settled, 0) as claims_settled,
    coalesce(s.days_to_settle_total, 0)::bigint as days_to_settle_total
from
    t_month as m
    cross join t_area as a
    left join enterprises as e using (month_start, area_code)
    left join premium as p using (month_start, area_code)
    left join covers as f using (month_start, area_code)
    left join incurred as i using (month_start, area_code)
    left join settled as s using (month_start, area_code);

-- who carries which policy: the shares sent, where they come to 100; else the leading company alone
create table t_share as
with
    latest as (
        select * from s_jrjg__policy_share qualify row_number() over (partition by share_id order by updated_at desc) = 1
    ),

    whole as (select policy_no from latest group by policy_no having sum(share_percent) = 100)

select policy_no, insurer, share_percent from latest where policy_no in (select policy_no from whole)
union all
select policy_no, insurer, 100 from t_policy where policy_no not in (select policy_no from whole);

create table truth_insurer as
-- rounded, since floats are added in any order and the same city has the same bytes
select t_share.insurer, round(sum(premium_signed_yuan::double * share_percent / 100), 4) as premium_signed_yuan, count(*) as shared_policies
from t_share join t_policy as p using (policy_no) join t_enterprise as e using (uscc)
group by t_share.insurer;

-- earned day by day over the months shown; what a cancelled policy keeps beyond its days, on its last day
create table truth_earned as
select round(sum(
    case
        when ends_on <= start_on then 0
        else premium_signed_yuan::double / (end_on - start_on)
            * greatest(0, least(ends_on, as_of + 1) - greatest(start_on, history_start))
        + case
            when cancelled_on < end_on and cancelled_on between history_start + 1 and as_of + 1
                then premium_signed_yuan::double * (end_on - cancelled_on) / (end_on - start_on) - premium_refunded_yuan
            else 0
        end
    end
), 4) as earned_premium_yuan
from t_policy_end, (select getvariable('as_of') as as_of, getvariable('history_start') as history_start);

create table truth_disaster as
select event_no, count(*) as batches, sum(households)::bigint as households, sum(approved_yuan)::double as approved_yuan,
    sum(coalesce(paid_yuan, 0))::double as paid_yuan
from (select * from s_jrjg__disaster_payment qualify row_number() over (partition by payment_no order by updated_at desc) = 1)
group by event_no;

-- 举报 and 工单: the last word on each, unless it was taken back
create table t_tip as
select * exclude (newest)
from (
    select *, row_number() over (partition by tip_no order by updated_at desc) as newest
    from s_szrx__safety_tip
)
where newest = 1 and tip_status <> 'cancelled';

create table t_work_order as
select due_at, closed_at
from (
    select due_at, closed_at, order_status,
        row_number() over (partition by order_id order by updated_at desc) as newest
    from s_qxj__response_order
)
where newest = 1 and order_status <> 'revoked'
union all
select due_on::timestamp, closed_on::timestamp
from (
    select due_on, closed_on, row_number() over (partition by issue_no order by updated_at desc) as newest
    from s_khb__patrol_issue
)
where newest = 1;

-- 案件与罚没款：立案、决定、结案、停产停业、提请关闭、移送各按自己的日期；缴款按缴款日，罚款与没收分开
create table truth_enforcement as
with
    payment as (
        select * from s_yjgl__penalty_payment
        qualify row_number() over (partition by payment_no order by updated_at desc) = 1
    ),

    cases as (
        select
            count(*) as cases,
            count(decided_on) as decided,
            count(closed_on) as closed,
            count(suspension_from) as suspensions_with_term,
            count(closure_proposed_on) as closures_proposed,
            count(transferred_on) as transferred,
            count(dismissed_on) as dismissed,
            count(*) filter (coalesce(decided_on, dismissed_on, getvariable('as_of')) - filed_on > 90) as over_90_days
        from t_penalty
    ),

    paid as (
        select
            coalesce(sum(paid_yuan) filter (money_kind = 'fine' and paid_on <= getvariable('as_of')), 0)::double as fine_paid_yuan,
            coalesce(sum(paid_yuan) filter (money_kind = 'confiscation' and paid_on <= getvariable('as_of')), 0)::double
                as confiscation_paid_yuan,
            count(*) filter (instalments > 1) as instalments,
            count(*) filter (due_on < getvariable('as_of') and coalesce(paid_on > getvariable('as_of'), true)) as overdue
        from payment
    )

select * from cases, paid;

-- 体外循环：检查记录写有处罚决定书，或处理意见为立案查处满三十日，而办案系统没有来自该次检查的案件
create table truth_off_system as
select inspection_id, handling
from t_inspection
where
    department_code = 'yjgl'
    and (decision_no is not null or (handling = 'filed' and getvariable('as_of') - inspected_on > 30))
    and inspection_id not in (select inspection_id from t_penalty where inspection_id is not null);

-- 企业自查对照监管检查：检查日前三十日内有自查，监管查出三处及以上，自查一处没有，或不到监管的四分之一；
-- 复查、举报核查、事故调查不算监管检查
create table truth_self_check_gap as
with
    compared as (
        select
            i.department_code,
            i.inspection_id,
            i.hazards_found,
            count(*) as checks,
            sum(s.hazards_found) as own
        from t_inspection as i join k_self_check as s using (uscc)
        where
            i.hazards_found >= 3
            and i.inspection_kind in ('routine', 'special', 'random', 'joint', 'major_event')
            and s.checked_on >= i.inspected_on - 30
            and s.checked_on < i.inspected_on
        group by all
    )

select department_code, inspection_id, case when own = 0 then 'none_found' else 'far_less' end as gap_kind
from compared
where own = 0 or own < 0.25 * hazards_found;
