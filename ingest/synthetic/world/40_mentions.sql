-- How a department that knows no credit code writes an entity: as registered, or in one of the ways clerks have.
-- Each macro takes plain columns and writes its arguments out many times: never hand it an expression that costs.
create macro misspelled(name) as regexp_replace(
    name,
    '[盛恒瑞源泰嘉宏达鑫康顺辉兴]',
    translate(regexp_extract(name, '[盛恒瑞源泰嘉宏达鑫康顺辉兴]'), '盛恒瑞源泰嘉宏达鑫康顺辉兴', '胜衡锐原太佳弘大新慷舜晖星')
);

create macro written_name(name, kind, short_name, how, k) as case
    when how < 0.46 then name
    -- the seat left out, as on the signboard
    when how < 0.55 then regexp_replace(name, '^(南京市..?.?区|南京|江苏|..区)', '')
    when how < 0.62
        then case when starts_with(name, '南京市') then '南京' || substr(name, 4)
            when starts_with(name, '南京') then '南京市' || substr(name, 3) else '南京市' || name end
    when how < 0.69
        then case when contains(name, '有限责任公司') then replace(name, '有限责任公司', '有限公司')
            else replace(name, '有限公司', '有限责任公司') end
    when how < 0.75 then regexp_replace(name, '^南京(..)', '\1（南京）')
    when how < 0.79 then regexp_replace(name, '^南京(..)', '\1(南京)')
    when how < 0.84
        then case kind when 'enterprise' then name || pick(k, 'branch', ['分公司', '（' || short_name || '分公司）', '(' || short_name || '分公司)',
            '第一分公司', '项目部']) else name || pick(k, 'branch', ['（' || short_name || '店）', '（总店）', '(2店)', '二店']) end
    when how < 0.90 then misspelled(name)
    when how < 0.93 then substr(name, 1, 2) || '　' || substr(name, 3)
    -- short for it: no seat and no legal form
    else regexp_replace(regexp_replace(name, '^(南京市..?.?区|南京|江苏|..区)', ''), '(股份|科技|集团)?有限(责任)?公司$', '')
end;

create macro written_address(address, district_name, street_name, how, k) as case
    when how < 0.42 then address
    when how < 0.58 then replace(address, '南京市', '')
    when how < 0.70 then replace(address, '南京市' || district_name, '')
    when how < 0.80 then replace(address, street_name, '')
    when how < 0.92 then '江苏省' || address
    else address || pick(k, 'where', ['一楼', '门面房', '（近路口）', '2楼', '地下一层', '旁'])
end;

-- How many problems an inspector finds: most often none, many at a bad actor.
create macro found_at(k, salt, is_bad) as case
    when rnd(k, salt || '/any') < case when is_bad then 0.2 else 0.58 end then 0
    else 1 + floor(-ln(1.0 - rnd(k, salt || '/many')) * case when is_bad then 2.2 else 1.1 end)
end::bigint;

-- Nobody's identity number: 320100 is the city itself, which no card carries.
create macro invented_identity(k, salt, born_on, is_male) as identity_number(
    '320100' || strftime(born_on, '%Y%m%d')
    || lpad((2 * rint(k, salt, 0, 499) + case when is_male then 1 else 0 end)::varchar, 3, '0')
);

create macro invented_phone(k, salt) as '12' || lpad(rint(k, salt, 0, 999999999)::varchar, 9, '0');

-- Whom each of these departments looks after, as running shares to draw from.
create table looked_after as
with
    candidate as (
        select
            i,
            unnest(list_filter(
                [
                    case when industry_code in ('6210', '6220', '6291', '6110', '6121', '8051', '8310', '8411', '8514')
                        or (kind = 'enterprise' and division between '13' and '33') then 'cgj' end,
                    case when industry_code in ('6110', '6121', '8760', '8930', '9011', '5422') then 'wlj' end,
                    case when industry_code in ('8310', '8391') or (kind = 'enterprise' and industry_code in ('7320', '7452', '2710'))
                        then 'jyj' end,
                    case when kind = 'enterprise' and (division between '25' and '39' or industry_code in ('8411', '8111', '7724'))
                        then 'sthj' end,
                    case when kind <> 'small_place' then 'rsj' end,
                    case when kind = 'enterprise' and division between '06' and '43' then 'wjw' end,
                    case when kind = 'enterprise' and division between '06' and '46' and tail > 1.6 then 'gxj' end,
                    case when kind = 'enterprise' and division between '47' and '50' then 'cjw' end,
                    case when kind = 'enterprise' and industry_code in ('5523', '3731', '4342', '0422', '5910') then 'hsj' end,
                    case when kind = 'enterprise' and division in ('25', '26', '47', '48', '59', '78') then 'qxj' end,
                    case when division in ('52', '61', '62', '80', '83', '89', '90', '81') then 'fcj' end,
                    'szrx'
                ],
                lambda x: x is not null
            )) as department,
            case when is_bad then 5 else 1 end * greatest(1.0, least(20.0, tail)) as weight,
            persons,
            attention,
            fire_weight
        from entity
    ),

    weighed as (
        select
            i,
            department,
            (100 * case department
                when 'rsj' then sqrt(persons) * weight when 'sthj' then weight * attention when 'szrx' then sqrt(weight) * fire_weight
                when 'fcj' then 1 when 'gxj' then persons else weight
            end)::bigint + 1 as weight
        from candidate
    )

select
    department,
    i,
    (sum(weight) over (partition by department order by i) - weight)
    / (sum(weight) over (partition by department))::double as share_from
from weighed;
