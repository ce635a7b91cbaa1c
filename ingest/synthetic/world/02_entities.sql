-- One row per entity of the city with what the rest of the world needs to know about it.
create table place as
select
    s.code as street_code,
    s.name as street_name,
    s.district_code,
    nullif(s.functional_zone_code, '') as zone_code,
    row_number() over (partition by s.district_code order by rnd(s.code, 'street order')) as rank,
    count(*) over (partition by s.district_code) as streets
from street as s
where right(s.code, 3)::int < 400;

create table industry_share as
with
    long as (
        select code, kind, character, round(weight * factor * 100)::bigint as weight
        from (
            select code, 'enterprise' as kind, enterprise_weight as weight, core, suburb, outer_ from industry
            union all
            select code, 'sole_trader', trader_weight, core, suburb, outer_ from industry
            union all
            select code, 'small_place', place_weight, core, suburb, outer_ from industry
        ) unpivot (factor for character in (core, suburb, outer_ as "outer"))
    )

select
    code,
    kind,
    character,
    (sum(weight) over (partition by kind, character order by code) - weight)
    / (sum(weight) over (partition by kind, character))::double as share_from
from long
where weight > 0;

create table entity as
with
    numbered as (
        select
            i,
            case
                when rnd(i, 'kind') < 0.55 then 'enterprise' when rnd(i, 'kind') < 0.90 then 'sole_trader'
                else 'small_place'
            end as kind,
            rnd(i, 'district') as district_draw,
            rnd(i, 'industry') as industry_draw
        from range(1, getvariable('entities') + 1) as t(i)
    ),

    housed as (
        select n.*, d.district_code, d.character, d.never_insured_percent, d.district_name, d.short_name, d.roads
        from numbered as n asof join district_share as d on n.district_draw >= d.share_from
    ),

    trading as (
        select h.*, s.code as industry_code
        from
            housed as h
            asof join industry_share as s
                on h.kind = s.kind and h.character = s.character and h.industry_draw >= s.share_from
    ),

    founded as (
        select
            t.*,
            p.street_code,
            p.street_name,
            p.zone_code,
            n.trade,
            n.attention,
            left(t.industry_code, 2) as division,
            (getvariable('as_of') - (20 + 9100 * pow(rnd(t.i, 'age'), 1.6))::int)::date as established_on
        from
            trading as t
            join industry as n on n.code = t.industry_code
            join
                place as p
                on p.district_code = t.district_code
                and p.rank = 1 + floor(p.streets * pow(rnd(t.i, 'street'), 1.4))::bigint
    ),

    fated as (
        select
            *,
            case
                when
                    rnd(i, 'closes') < case kind when 'enterprise' then 0.07 when 'sole_trader' then 0.10 else 0.03 end
                    and established_on + 200 < getvariable('as_of')
                    then
                        (established_on + 200
                        + ((getvariable('as_of') - established_on - 200) * rnd(i, 'closed on'))::int)::date
            end as closed_on,
            least(60.0, pow(1.0 - rnd(i, 'tail'), -0.8)) as tail
        from founded
    ),

    ranked as (
        select
            *,
            case
                when
                    kind = 'enterprise' and closed_on is null and attention >= 2.0
                    and established_on < getvariable('history_start')
                    then row_number() over (
                        partition by
                            kind = 'enterprise' and closed_on is null and attention >= 2.0
                            and established_on < getvariable('history_start')
                        order by rnd(i, 'bad'), i
                    )
            end as badness
        from fated
    ),

-- one step a stage, so that each text is made once: a macro writes its argument out as often as it uses it
    numbered_code as (
        select *, ((i * 612345679 + getvariable('seed') * 104729) % 887503681)::bigint as code_number
        from ranked
    ),

    bodied as (
        select
            *,
            case
                when established_on < date '2015-10-01'
                    then lpad(((i * 61234567 + getvariable('seed') * 7919) % 100000000)::varchar, 8, '0')
                else
                    'MA' || base31(code_number, 28629151) || base31(code_number, 923521) || base31(code_number, 29791)
                    || base31(code_number, 961) || base31(code_number, 31) || base31(code_number, 1)
            end as organisation_body
        from numbered_code
    ),

    coded as (
        select
            *,
            case
                when right(trade, 1) in ('店', '市', '部', '院', '园', '室') then ['']
                when division = '62' then ['店', '馆', '铺', '店']
                when division = '80' then ['店', '馆', '工作室']
                when division = '52' then ['店', '经营部', '商行', '部']
                else ['经营部', '部', '店', '服务部']
            end as shop_forms,
            case kind when 'enterprise' then '91' else '92' end || district_code || organisation_code(organisation_body)
                as code_body
        from bodied
    )

select
    * exclude (district_draw, industry_draw, badness, character, code_number, organisation_body, code_body, shop_forms, roads),
    coalesce(badness <= getvariable('bad_actors'), false) as is_bad,
    'NJ' || lpad(i::varchar, 8, '0') as entity_id,
    case when kind <> 'small_place' then uscc_of(code_body) end as uscc,
    case kind
        when 'enterprise'
            then
                pick(i, 'seat', ['南京', '南京', '南京', '南京', '江苏', '南京市' || district_name])
                || brand(i, 'brand') || trade
                || pick(i, 'form', case
                    when division in ('83', '84') or industry_code in ('5265', '6110', '8760') then ['', '', '有限公司']
                    when division between '13' and '43'
                        then ['有限公司', '有限公司', '有限公司', '有限责任公司', '股份有限公司', '厂', '科技有限公司', '集团有限公司']
                    else ['有限公司', '有限公司', '有限公司', '有限公司', '有限责任公司', '股份有限公司', '集团有限公司']
                end)
        when 'sole_trader' then district_name || person(i, 'owner') || trade || pick(i, 'form', shop_forms)
        else
            regexp_replace(street_name, '(街道|镇)$', '') || brand(i, 'brand') || trade
            || pick(i, 'form', shop_forms)
    end as name,
    person(i, 'owner') as representative,
    -- 12x is no mobile prefix in China, so no number here can be anybody's
    '12' || lpad(rint(i, 'phone', 0, 999999999)::varchar, 9, '0') as phone,
    '南京市' || district_name || street_name || pick(i, 'road', roads)
    || rint(i, 'house', 1, 399)::varchar || '号'
    || case when rnd(i, 'room') < 0.3 then rint(i, 'room no', 1, 28)::varchar || '幢'
        || rint(i, 'door', 101, 2412)::varchar || '室' else '' end as address,
    case kind
        when 'enterprise'
            then pick(i, 'capital', [10, 50, 50, 100, 100, 200, 300, 500, 500, 800, 1000, 2000, 5000])
                * case when tail > 12 then 10 else 1 end
        when 'sole_trader' then rint(i, 'capital', 1, 20)
    end * 10000 as capital_yuan,
    greatest(2, round(case kind when 'enterprise' then 9 else 2 end * tail * (0.6 + rnd(i, 'persons'))))::bigint as persons,
    (100 * tail * attention * case kind when 'enterprise' then 3.0 when 'sole_trader' then 0.5 else 0.4 end
    * case when coalesce(badness <= getvariable('bad_actors'), false) then 5 else 1 end)::bigint as inspection_weight,
    (100 * sqrt(tail) * case
        when division in ('52', '61', '62', '83', '84', '85', '87', '89', '90', '70') then 3.0 else 1.0 end
    * case kind when 'enterprise' then 2.0 else 1.0 end)::bigint as fire_weight,
    case
        when division in ('25', '26', '27') or industry_code in ('5162', '5169', '5265', '5942', '7724') then 'chemical'
        when division in ('31', '32') then 'metal'
        when division between '06' and '46' then 'industry'
        when division between '47' and '50' then 'construction'
        when division between '53' and '60' then 'logistics'
        else 'service'
    end as business,
    list_contains(getvariable('scope_prefixes'), division) as in_scope_by_industry
from coded;

-- the number of the old business licence, 15 digits; who was founded later never had one
create macro old_registration_no(i, kind, established_on) as
    case when kind <> 'small_place' and established_on < date '2015-10-01' and rnd(i, 'old number') < 0.7
        then '3201' || lpad((i * 37 % 100000000000)::varchar, 11, '0') end;

create table v_scjg__enterprise as
with
    registered as (
        select
            *,
            office_time(established_on + rint(i, 'registered', 0, 3)::int, i, 'registered at') as registered_at,
            -- a change of capital, address or representative during the history
            case
                when rnd(i, 'changes') < 0.14
                    then greatest(established_on + 60, getvariable('history_start'))
                        + (greatest(0, coalesce(closed_on, getvariable('as_of'))
                            - greatest(established_on + 60, getvariable('history_start'))) * rnd(i, 'changed'))::int
            end as changed_on,
            -- what happens to its name and its seat falls between these days, while it is open
            greatest(established_on + 90, getvariable('history_start'))::date as known_from,
            coalesce(closed_on, getvariable('as_of') + 1)::date as known_until
        from entity
    ),

    -- 更名: another brand before the same trade; everybody else goes on writing the name that they know
    renaming as (
        select
            *,
            case
                when
                    kind = 'enterprise' and rnd(i, 'renames') < getvariable('renamed_share')
                    and known_until > known_from and brand(i, 'brand') <> brand(i, 'new brand')
                    then (known_from + ((known_until - known_from - 1) * rnd(i, 'renamed'))::int)::date
            end as renamed_on,
            case
                when kind <> 'small_place' and rnd(i, 'moves') < getvariable('moved_share') and known_until > known_from
                    then (known_from + ((known_until - known_from - 1) * rnd(i, 'moved'))::int)::date
            end as moved_on,
            -- 迁址: into another street, three in ten into another district
            case
                when rnd(i, 'moves far') < 0.3 then pick(i, 'new district', getvariable('district_codes'))
                else district_code
            end as new_district
        from registered
    ),

    seated as (
        select
            r.*,
            p.street_code as new_street,
            '南京市' || d.district_name || p.street_name || pick(r.i, 'new road', d.roads)
            || rint(r.i, 'new house', 1, 399)::varchar || '号' as new_address
        from
            renaming as r
            join district_share as d on d.district_code = r.new_district
            left join
                place as p
                on r.moved_on is not null
                and p.district_code = r.new_district
                and p.rank = 1 + floor(p.streets * rnd(r.i, 'new street'))::bigint
    ),

    versions as (
        select *, 1 as version, registered_at as updated_at, 'active' as status from seated
        union all
        select *, 2, office_time(changed_on, i, 'changed at'), 'active' from seated
        where changed_on is not null and (closed_on is null or changed_on < closed_on)
        union all
        select
            *, 3, office_time(closed_on, i, 'closed at'),
            case when rnd(i, 'how') < 0.65 then 'deregistered' when rnd(i, 'how') < 0.9 then 'revoked' else 'moved_out' end
        from seated
        where closed_on is not null
        union all
        -- of what falls on one day one report tells
        select *, 4, office_time(renamed_on, i, 'renamed at'), 'active' from seated
        where renamed_on is not null and renamed_on is distinct from changed_on
        union all
        select *, 5, office_time(moved_on, i, 'moved at'), 'active' from seated
        where moved_on is not null and moved_on is distinct from changed_on and moved_on is distinct from renamed_on
    )

select
    entity_id,
    uscc,
    old_registration_no(i, kind, established_on) as registration_no,
    case
        when updated_at::date >= renamed_on then replace(name, brand(i, 'brand'), brand(i, 'new brand')) else name
    end as name,
    kind as entity_kind,
    case
        when changed_on is not null and updated_at::date >= changed_on and rnd(i, 'what') < 0.5 then person(i, 'successor')
        else representative
    end as legal_representative,
    phone,
    case when updated_at::date >= moved_on then new_district else district_code end as district_code,
    case when updated_at::date >= moved_on then new_street else street_code end as street_code,
    case when updated_at::date >= moved_on then new_address else address end as address,
    industry_code,
    (capital_yuan * case when changed_on is not null and updated_at::date >= changed_on and rnd(i, 'what') >= 0.5 then 2 else 1 end
    )::decimal(18, 2) as registered_capital_yuan,
    established_on,
    status,
    updated_at
from versions;
