-- The cases of the emergency bureau, stage by stage (立案 → 调查终结 → 告知 → 听证、法制审核 → 决定 → 执行 → 结案), and what is paid.
create table penalty_case as
with
    from_inspection as (
        select
            v.n as k,
            v.i,
            v.uscc,
            v.name,
            v.district_code,
            'JC' || strftime(v.day, '%Y%m%d') || lpad(v.n::varchar, 7, '0') as inspection_id,
            v.day + rint(v.n, 'filed', 2, 18)::int as filed_on,
            false as is_accident_penalty,
            case
                when rnd(v.n, 'punished how') < 0.17 then 'warning' when rnd(v.n, 'punished how') < 0.92 then 'fine'
                when rnd(v.n, 'punished how') < 0.945 then 'confiscation' when rnd(v.n, 'punished how') < 0.99 then 'suspension'
                else 'revocation'
            end as kind,
            100 * greatest(10, least(2000, round(exp(4.75 + 0.75 * gauss(v.n, 'fine')) * case when h.major > 0 then 2.5 else 1 end)))
                as fine
        from visit as v join outcome as h using (n)
        where h.is_filed
    ),

    from_accident as (
        select
            10000000 + n as k,
            i,
            uscc,
            name,
            district_code,
            cast(null as varchar) as inspection_id,
            occurred_at::date + rint(n, 'accident filed', 40, 100)::int as filed_on,
            true as is_accident_penalty,
            'fine' as kind,
            10000 * case when deaths >= 3 or serious >= 10 or is_costly then rint(n, 'accident fine', 100, 200)
                else rint(n, 'accident fine', 30, 60) end as fine
        from work_accident
        where deaths > 0 and is_production_related and not is_written_off and rnd(n, 'accident punished') < 0.85
    ),

    filed as (
        select
            c.*,
            d.short_name,
            -- ninety days are the law's limit (行政处罚法第六十条); a few cases miss it
            case when rnd(k, 'decides') < 0.95
                then filed_on + case when rnd(k, 'slow') < 0.06 then rint(k, 'took', 91, 150) else rint(k, 'took', 12, 85) end::int
            end as decided_on,
            case when rnd(k, 'pays') < 0.93 and kind in ('fine', 'confiscation', 'suspension') then rint(k, 'paid after', 1, 28) end
                as paid_after,
            -- heavy fines are paid by the month, where the party asks for it (行政处罚法第六十六条)
            case when kind = 'fine' and fine >= 50000 and rnd(k, 'by instalments') < 0.3 then rint(k, 'instalments', 2, 4) else 1 end
                as instalments
        from (select * from from_inspection union all select * from from_accident) as c join district_share as d using (district_code)
    ),

    staged as (
        select
            *,
            coalesce(decided_on - filed_on, rint(k, 'would take', 12, 85))::int as takes,
            decided_on + (paid_after + 30 * (instalments - 1))::int as paid_on,
            kind in ('suspension', 'revocation') or fine >= 200000 as is_heavy,
            -- most of those not decided end without a penalty; the others lie about
            case when decided_on is null and rnd(k, 'dismissed') < 0.75 then filed_on + rint(k, 'would take', 12, 85)::int end as dismissed_on
        from filed
    ),

    heard as (
        select
            *,
            filed_on + floor(takes * (0.35 + 0.2 * rnd(k, 'investigated')))::int as investigated_on,
            filed_on + floor(takes * (0.6 + 0.15 * rnd(k, 'notified')))::int as told_on,
            case when kind = 'suspension' then decided_on end as suspension_from,
            case when kind = 'suspension' then decided_on + pick(k, 'suspended for', [15, 30, 60, 90])::int end as suspension_until,
            case when kind in ('suspension', 'revocation') and rnd(k, 'closure') < 0.12 then decided_on + rint(k, 'closure on', 20, 70)::int end
                as closure_proposed_on,
            case when (is_accident_penalty and rnd(k, 'to the police') < 0.15) or rnd(k, 'to the police') < 0.008
                then decided_on - rint(k, 'to the police on', 0, 3)::int end as transferred_on
        from staged
    ),

    executed as (
        select
            *,
            -- a few decide without having told the party first, which the law forbids
            case when decided_on is null or rnd(k, 'not told') >= 0.012 then told_on end as notified_on,
            case when kind = 'suspension' and closure_proposed_on is null and rnd(k, 'resumes') < 0.85
                then suspension_until + rint(k, 'resumed', -5, 20)::int end as resumed_on,
            case when rnd(k, 'closes down') < 0.6 then closure_proposed_on + rint(k, 'closed down after', 15, 60)::int end as closed_down_on
        from heard
    ),

    ended as (
        select
            *,
            case
                when kind = 'suspension' then greatest(resumed_on, paid_on) when kind in ('fine', 'confiscation') then paid_on
                else decided_on + rint(k, 'executed', 1, 10)::int
            end as executed_on
        from executed
    )

select *, case when rnd(k, 'closes') < 0.94 then executed_on + rint(k, 'closed after', 1, 12)::int end as closed_on
from ended;

create table v_yjgl__penalty as
with
    versions as (
        select *, 1 as version, office_time(filed_on, k, 'filed at') as updated_at from penalty_case
        union all
        select *, 2, office_time(told_on, k, 'notified at') from penalty_case
        union all
        select *, 3, office_time(decided_on, k, 'decided at') from penalty_case where decided_on is not null
        union all
        select *, 4, office_time(paid_on, k, 'paid at') from penalty_case where paid_on is not null
        union all
        select *, 5, office_time(closure_proposed_on, k, 'closure at') from penalty_case where closure_proposed_on is not null
        union all
        select *, 6, office_time(closed_on, k, 'case closed at') from penalty_case where closed_on is not null
        union all
        select *, 7, office_time(dismissed_on, k, 'dismissed at') from penalty_case where dismissed_on is not null
        union all
        -- of late only: whoever was closed down long ago would still be called on and insured in this world
        select *, 8, office_time(closed_down_on, k, 'closed down at')
        from penalty_case
        where closed_down_on > getvariable('as_of') - 120
    )

select
    '宁' || short_name || '应急立〔' || year(filed_on)::varchar || '〕' || k::varchar || '号' as case_no,
    case when decided_on is not null and version >= 3 then '（宁' || short_name || '）应急罚〔' || year(decided_on)::varchar || '〕' || k::varchar || '号' end
        as decision_no,
    inspection_id,
    uscc,
    name as enterprise_name,
    district_code,
    filed_on,
    case when version >= 3 then decided_on end as decided_on,
    kind as penalty_kind,
    case when decided_on is not null and version >= 3 and kind in ('fine', 'confiscation', 'suspension') then fine end::decimal(18, 2) as fine_yuan,
    case when decided_on is not null and version >= 3 and kind = 'confiscation' then 100 * rint(k, 'confiscated', 20, 900) end::decimal(18, 2)
        as confiscated_yuan,
    case when updated_at::date >= paid_on then paid_on end as paid_on,
    is_accident_penalty,
    case when is_accident_penalty then '《安全生产法》第一百一十四条第一项' else pick(k, 'law', getvariable('legal_bases')) end
        as legal_basis,
    case when version >= 2 then investigated_on end as investigated_on,
    case when version >= 2 then notified_on end as notified_on,
    case when decided_on is not null and version >= 3 and is_heavy and rnd(k, 'hearing') < 0.3 then told_on + floor((filed_on + takes - told_on) * 0.5)::int end as hearing_on,
    case when decided_on is not null and version >= 3 and is_heavy then told_on + floor((filed_on + takes - told_on) * 0.8)::int end as reviewed_on,
    case when version >= 4 and updated_at::date >= executed_on then executed_on end as executed_on,
    case when version = 6 or (version = 8 and updated_at::date >= closed_on) then closed_on end as closed_on,
    case version when 7 then dismissed_on end as dismissed_on,
    case version when 7 then case when rnd(k, 'dismissed how') < 0.6 then 'no_penalty' else 'withdrawn' end end as dismissal_kind,
    case when version >= 3 then suspension_from end as suspension_from,
    case when version >= 3 then suspension_until end as suspension_until,
    case when updated_at::date >= resumed_on then resumed_on end as resumed_on,
    case when updated_at::date >= closure_proposed_on then closure_proposed_on end as closure_proposed_on,
    case version when 8 then closed_down_on end as closed_down_on,
    case when version >= 3 then transferred_on end as transferred_on,
    case when version >= 3 and transferred_on is not null then '（宁' || short_name || '）应急移〔' || year(transferred_on)::varchar || '〕' || k::varchar || '号'
    end as transfer_document_no,
    case when version >= 4 and transferred_on is not null then pick(k, 'police say', ['accepted', 'accepted', 'declined', 'returned']) end
        as transfer_outcome,
    updated_at
from versions;

-- One row per instalment and money: announced with the decision, told again when it is paid.
create table v_yjgl__penalty_payment as
with
    owed as (
        select *, 'fine' as money_kind, unnest(range(1, instalments + 1)) as instalment_no, fine as total
        from penalty_case
        where decided_on is not null and kind in ('fine', 'confiscation', 'suspension')
        union all by name
        select *, 'confiscation' as money_kind, 1 as instalment_no, 100 * rint(k, 'confiscated', 20, 900) as total
        from penalty_case
        where decided_on is not null and kind = 'confiscation'
    ),

    dated as (
        select
            *,
            decided_on + (15 + 30 * (instalment_no - 1))::int as due_on,
            decided_on + (paid_after + 30 * (instalment_no - 1))::int as part_paid_on,
            -- whole hundreds, the last instalment takes what is left
            case
                when instalment_no < instalments then 100 * floor(total / instalments / 100)
                else total - (instalments - 1) * 100 * floor(total / instalments / 100)
            end as due_yuan
        from owed
    ),

    versions as (
        select *, 1 as version, office_time(decided_on, k * 8 + instalment_no, money_kind || ' announced') as updated_at from dated
        union all
        select *, 2, office_time(part_paid_on, k * 8 + instalment_no, money_kind || ' paid') from dated where part_paid_on is not null
    )

select
    'JK' || year(decided_on)::varchar || lpad(k::varchar, 8, '0') || case money_kind when 'fine' then 'F' else 'M' end || instalment_no::varchar
        as payment_no,
    '宁' || short_name || '应急立〔' || year(filed_on)::varchar || '〕' || k::varchar || '号' as case_no,
    '（宁' || short_name || '）应急罚〔' || year(decided_on)::varchar || '〕' || k::varchar || '号' as decision_no,
    uscc,
    name as enterprise_name,
    money_kind,
    instalment_no,
    case money_kind when 'fine' then instalments else 1 end::bigint as instalments,
    due_on,
    due_yuan::decimal(18, 2) as due_yuan,
    case version when 2 then part_paid_on end as paid_on,
    case version when 2 then due_yuan end::decimal(18, 2) as paid_yuan,
    -- three per cent a day, up to the amount itself (行政处罚法第七十二条), where it is asked for
    case when version = 2 and part_paid_on > due_on and rnd(k, 'late fee') < 0.4 then least(due_yuan, round(0.03 * due_yuan * (part_paid_on - due_on)))
    end::decimal(18, 2) as late_fee_yuan,
    updated_at
from versions;
