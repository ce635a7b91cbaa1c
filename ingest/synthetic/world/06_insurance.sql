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
            sum(leaves) over (partition by i order by t) as has_left
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
    least(2000, persons) * pick(k, 'per head', [400000, 600000, 600000, 800000, 1000000])::bigint as sum_insured
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
    pick(i, 'insurer', getvariable('insurers')) as insurer,
    signed_on,
    start_on,
    end_on,
    case version when 3 then cancelled_on end as cancelled_on,
    premium::decimal(18, 2) as premium_signed_yuan,
    case when version = 1 and rnd(k, 'pays late') < 0.14 then 0 when rnd(k, 'pays') < 0.02 then floor(premium / 2) else premium end
    ::decimal(18, 2) as premium_received_yuan,
    sum_insured::decimal(18, 2) as sum_insured_yuan,
    persons as insured_persons,
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
            then floor(-ln(1.0 - rnd(n, 'service found')) * 3.2)::bigint else 0 end as found
        from given
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
    office_time(served_on, n, 'service entered') + to_minutes(60 * 24 * rint(n, 'service lag', 0, 4)) as updated_at
from counted;
