-- Policies of the co-insurance pool, year by year for each insured enterprise, with lapses; claims and services.
create table policy as
with
    candidate as (
        select
            e.*,
            e.kind = 'enterprise'
            and (
                e.in_scope_by_industry
                or exists (
                    select 1 from key_listing as k
                    where k.i = e.i and list_contains(getvariable('scope_key_types'), k.key_type)
                )
            ) as must_insure
        from entity as e
        where e.kind <> 'small_place'
    ),

    willing as (
        select
            *,
            case
                -- most have long been insured, the rest came in during the campaign, fewer and fewer
                when rnd(i, 'adopts') < 0.72 then getvariable('history_start') - (365 * rnd(i, 'adopted'))::int
                else
                    getvariable('history_start')
                    + ((getvariable('as_of') - getvariable('history_start') - 40) * pow(rnd(i, 'adopted'), 1.6))::int
            end as ready_on
        from candidate
        where
            (must_insure and 100 * rnd(i, 'never insured') >= never_insured_percent)
            or (not must_insure and kind = 'enterprise' and attention >= 1.2 and rnd(i, 'volunteers') < 0.24)
    ),

    term as (
        select
            w.*,
            t,
            i * 8 + t as k,
            greatest(ready_on, established_on + rint(i, 'first cover', 3, 40)::int) as first_on,
            -- between two terms: usually nothing, now and then a gap of weeks
            case when t > 0 and rnd(i * 8 + t, 'gap') < 0.05 then rint(i * 8 + t, 'gap days', 12, 110) else 0 end as gap,
            case when t > 0 and rnd(i * 8 + t, 'leaves') < case when is_bad then 0.15 else 0.018 end then 1 else 0 end as leaves
        from willing as w, unnest(range(0, 6)) as u(t)
    ),

    chained as (
        select
            *,
            first_on + (365 * t + sum(gap) over (partition by i order by t))::int as start_on,
            sum(leaves) over (partition by i order by t) as has_left,
            -- now and then an enterprise renews with another company, and stays there
            max(case when t > 0 and rnd(i * 8 + t, 'moves') < 0.07 then t end) over (partition by i order by t) as moved_at
        from term
    )

select
    i,
    t,
    k,
    uscc,
    name,
    must_insure,
    'AZX' || strftime(start_on, '%Y%m') || lpad(k::varchar, 8, '0') as policy_no,
    start_on,
    start_on + 365 as end_on,
    start_on - rint(k, 'signed', 1, 20)::int as signed_on,
    case when rnd(k, 'cancels') < 0.012 then start_on + rint(k, 'cancelled', 40, 320)::int end as cancelled_on,
    least(2000, persons) as persons,
    greatest(800, floor(least(2000, persons) * rint(k, 'rate', 60, 110) * (1 + least(attention, 8.0))))::bigint as premium,
    least(2000, persons) * pick(k, 'per head', [400000, 600000, 600000, 800000, 1000000])::bigint as sum_insured,
    pick(k, 'per head', [400000, 600000, 600000, 800000, 1000000]) as per_head,
    case when moved_at is null then pick(i, 'insurer', getvariable('insurers'))
        else pick(i * 8 + moved_at, 'insurer moved', getvariable('insurers')) end as insurer
from chained
where
    has_left = 0
    and (closed_on is null or start_on < closed_on)
    and start_on - rint(k, 'signed', 1, 20)::int <= getvariable('as_of');

create table v_jrjg__policy as
with
    versions as (
        select *, 1 as version, office_time(signed_on, k, 'signed at') as updated_at from policy
        union all
        select *, 2, office_time(signed_on + rint(k, 'paid late', 25, 90)::int, k, 'paid at') from policy
        where rnd(k, 'pays late') < 0.14
        union all
        select *, 3, office_time(cancelled_on, k, 'cancelled at') from policy where cancelled_on is not null
    )

select
    policy_no,
    uscc,
    name as enterprise_name,
    insurer,
    signed_on,
    start_on,
    end_on,
    case version when 3 then cancelled_on end as cancelled_on,
    premium::decimal(18, 2) as premium_signed_yuan,
    case when version = 1 and rnd(k, 'pays late') < 0.14 then 0 when rnd(k, 'pays') < 0.02 then floor(premium / 2) else premium end
    ::decimal(18, 2) as premium_received_yuan,
    -- by the days that were left; some companies keep a part of it
    case version when 3 then round(
        premium * greatest(0, end_on - cancelled_on) / (end_on - start_on) * case when rnd(k, 'refund') < 0.15 then 0.8 else 1 end, 2
    ) end::decimal(18, 2) as premium_refunded_yuan,
    sum_insured::decimal(18, 2) as sum_insured_yuan,
    case when rnd(k, 'death limit') < 0.02 then 300000 else per_head end::decimal(18, 2) as death_limit_yuan,
    pick(k, 'factor used', [0.8, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.1, 1.2, 1.3])::decimal(18, 2) as premium_factor,
    persons as insured_persons,
    updated_at
from versions;

-- Who carries a policy: the leading company and one to three others. A few lists do not come to 100 per cent: a typing
-- error, put right later in half of the cases, or a member that was left out.
create view v_jrjg__policy_share as
with
    agreed as (
        select
            k,
            policy_no,
            insurer,
            signed_on,
            pick(k, 'pool', [[60, 40], [60, 40], [70, 30], [50, 50], [50, 30, 20], [33.34, 33.33, 33.33]]) as parts,
            list_position(getvariable('insurers'), insurer) as lead_at,
            rnd(k, 'pool wrong') as luck
        from policy
    ),

    member as (
        select
            *,
            j,
            parts[j]::decimal(18, 2) as share,
            getvariable('insurers')[1 + ((lead_at - 1 + (j - 1) * (1 + (k % 2))) % len(getvariable('insurers')))::int] as company
        from agreed, unnest(range(1, 4)) as t(j)
        where j <= len(parts) and not (luck between 0.990 and 0.994 and j = len(parts))
    ),

    versions as (
        select *, 1 as version, office_time(signed_on, k * 4 + j, 'share entered') as updated_at from member
        union all
        select *, 2, office_time(signed_on + rint(k, 'share mended', 5, 60)::int, k * 4 + j, 'share mended at') from member
        where luck >= 0.997 and j = 1
    )

select
    'GB' || substr(policy_no, 4) || '-' || j as share_id,
    policy_no,
    company as insurer,
    j = 1 as is_lead,
    case when luck >= 0.994 and j = 1 and version = 1 then share - 15 else share end as share_percent,
    updated_at
from versions;

create table covered_share as
select
    k,
    (sum(weight) over (order by k) - weight) / (sum(weight) over ())::double as share_from
from (
    select k, (100 * sqrt(persons))::bigint as weight from policy
    where least(end_on, coalesce(cancelled_on, end_on)) > getvariable('history_start') and start_on < getvariable('as_of') - 5
);

create table v_jrjg__claim as
with
    drawn as (
        select n, s.k
        from
            (select n, rnd(n, 'claim whom') as whom from range(1, getvariable('claims') + 1) as t(n)) as d
            asof join covered_share as s on d.whom >= s.share_from
    ),

    happened as (
        select
            d.n,
            p.policy_no,
            greatest(p.start_on, getvariable('history_start')) as open_on,
            least(p.end_on, coalesce(p.cancelled_on, p.end_on), getvariable('as_of')) as shut_on
        from drawn as d join policy as p using (k)
    ),

    course as (
        select
            n,
            policy_no,
            open_on + floor((shut_on - open_on) * rnd(n, 'claim on'))::int as occurred_on,
            rint(n, 'claim told', 0, 12)::int as told_after,
            case when rnd(n, 'claim ends') < 0.9 then rint(n, 'claim took', 15, 240)::int end as took,
            rnd(n, 'claim ends') between 0.84 and 0.9 as is_withdrawn,
            100 * case when rnd(n, 'claim dead') < 0.05 then rint(n, 'claim paid', 4000, 8000)
                else greatest(8, round(exp(4.8 + 0.9 * gauss(n, 'claim paid')))) end as amount
        from happened
    ),

    versions as (
        select *, 1 as version, office_time(occurred_on + told_after, n, 'claim entered') as updated_at from course
        union all
        select *, 2, office_time(occurred_on + told_after + took, n, 'claim settled') from course where took is not null
    )

select
    'LP' || strftime(occurred_on, '%Y%m') || lpad(n::varchar, 7, '0') as claim_no,
    policy_no,
    occurred_on,
    occurred_on + told_after as reported_on,
    case when version = 1 then 'open' when is_withdrawn then 'withdrawn' else 'settled' end as claim_status,
    case when version = 2 and not is_withdrawn then amount else 0 end::decimal(18, 2) as paid_yuan,
    case when version = 1 then 100 * round(amount * (0.7 + 0.6 * rnd(n, 'reserve')) / 100) else 0 end::decimal(18, 2)
        as reserve_yuan,
    case version when 2 then occurred_on + told_after + took end as settled_on,
    updated_at
from versions;

create table v_jrjg__prevention_service as
with
    drawn as (
        select n, s.k
        from
            (select n, rnd(n, 'service whom') as whom from range(1, getvariable('services') + 1) as t(n)) as d
            asof join covered_share as s on d.whom >= s.share_from
    ),

    given as (
        select
            d.n,
            p.*,
            greatest(p.start_on, getvariable('history_start')) + floor(
                (least(p.end_on, coalesce(p.cancelled_on, p.end_on), getvariable('as_of'))
                - greatest(p.start_on, getvariable('history_start'))) * rnd(d.n, 'served on')
            )::int as served_on,
            pick(d.n, 'service', ['hazard_survey', 'hazard_survey', 'hazard_survey', 'training', 'training', 'risk_assessment',
                'drill', 'consulting']) as service_kind
        from drawn as d join policy as p using (k)
    ),

    counted as (
        select *, case when service_kind in ('hazard_survey', 'risk_assessment')
            then floor(-ln(1.0 - rnd(n, 'service found')) * 3.2)::bigint else 0 end as found,
            case when rnd(n, 'service complaint') < 0.015 then served_on + rint(n, 'service complained', 1, 20)::int end as complained_on,
            rint(n, 'service complaint took', 1, 24)::int as complaint_took
        from given
    ),

    versions as (
        select *, 1 as version, office_time(served_on, n, 'service entered') + to_minutes(60 * 24 * rint(n, 'service lag', 0, 4)) as updated_at
        from counted
        union all
        select *, 2, office_time(complained_on + complaint_took, n, 'service complaint entered') from counted where complained_on is not null
    )

select
    'FW' || strftime(served_on, '%Y%m') || lpad(n::varchar, 7, '0') as service_id,
    policy_no,
    uscc,
    served_on,
    service_kind,
    pick(n, 'provider', getvariable('providers')) as provider,
    found as hazards_found,
    floor(found * (0.7 + 0.3 * rnd(n, 'service mended')))::bigint as hazards_rectified,
    (50 * greatest(6, round(premium * (0.04 + 0.10 * rnd(n, 'service cost')) / 50)))::decimal(18, 2) as cost_yuan,
    case version when 2 then complained_on end as complained_on,
    case version when 2 then complained_on + complaint_took end as complaint_closed_on,
    updated_at
from versions;

-- Insurance against natural disasters: what the events of the season cost, street by street.
create view v_jrjg__disaster_payment as
with
    disaster as (
        select
            *,
            row_number() over (order by event_on) as e,
            case kind when 'typhoon' then '台风“' || brand(year(event_on), 'typhoon') || '”' when 'snow' then '低温雨雪冰冻' else '暴雨洪涝' end as words
        from (
            select y.year * 10 + s.no as event_key, s.kind,
                make_date(y.year::int, s.month::int, rint(y.year * 10 + s.no, 'disaster day', 3, 26)::int) as event_on
            from
                (select unnest(generate_series(year(getvariable('history_start')), year(getvariable('as_of')))) as year) as y
                cross join (values (1, 'snow', 1), (2, 'rainstorm', 7), (3, 'typhoon', 8), (4, 'rainstorm', 6)) as s(no, kind, month)
            where s.no < 4 or rnd(y.year, 'second rain') < 0.4
        )
        where event_on between getvariable('history_start') and getvariable('as_of') - 20
    ),

    -- a batch a street; the snow of winter costs least
    batch as (
        select
            t.n,
            d.*,
            s.code as street_code,
            s.district_code,
            s.place
        from
            (
                select
                    n,
                    1 + floor((select count(*) from disaster) * pow(rnd(n, 'disaster_payment event'), 0.8))::bigint as e,
                    1 + floor((select count(*) from street) * rnd(n, 'disaster_payment street'))::bigint as place
                from range(1, (getvariable('rows_jrjg__disaster_payment') / 1.9)::bigint + 1) as r(n)
            ) as t
            join disaster as d on d.e = t.e
            join (select *, row_number() over (order by code) as place from street) as s on s.place = t.place
    ),

    course as (
        select
            *,
            event_on + rint(n, 'disaster_payment approved', 4, 50)::int as approved_on,
            rint(n, 'disaster_payment took', 2, 40)::int as took,
            rint(n, 'disaster_payment households', 6, 58) * case kind when 'snow' then 1 else 1 + (n % 2) end as households
        from batch
    ),

    versions as (
        select *, 1 as version, office_time(approved_on, n, 'disaster_payment entered') as updated_at from course
        union all
        select *, 2, office_time(approved_on + took, n, 'disaster_payment paid at') from course where rnd(n, 'disaster_payment pays') < 0.97
    )

select
    'ZH' || strftime(event_on, '%Y%m') || lpad(n::varchar, 7, '0') as payment_no,
    case when n % 3 = 0 then 'livelihood' else 'catastrophe' end as insurance_kind,
    'ZHSJ' || strftime(event_on, '%Y%m%d') as event_no,
    year(event_on)::varchar || '年' || month(event_on)::varchar || '月' || words as event_name,
    kind as disaster_kind,
    event_on,
    district_code,
    street_code,
    pick(n % 3, 'disaster_payment insurer', getvariable('insurers')) as insurer,
    households,
    (households * rint(n, 'disaster_payment each', 380, 960))::decimal(18, 2) as approved_yuan,
    approved_on,
    case version when 2 then households * rint(n, 'disaster_payment each', 380, 960) else 0 end::decimal(18, 2) as paid_yuan,
    case version when 2 then approved_on + took end as paid_on,
    updated_at
from versions;
