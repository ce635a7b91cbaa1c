-- The key supervision list and the standardization certificates (monthly workbooks of the emergency bureau).
create table key_listing as
with
    candidate as (
        select
            e.*,
            case
                when industry_code = '2672' then ['fireworks'] when industry_code in ('5942', '2611', '2511')
                    then ['major_hazard_source', 'hazardous_chemicals']
                when division in ('25', '26') then ['hazardous_chemicals'] when division in ('31', '32') then ['metal_smelting']
                when industry_code in ('3731', '4342') then ['shipbuilding'] when industry_code in ('1361', '5930', '1432')
                    then ['ammonia_refrigeration']
                when division in ('13', '17', '20', '21', '33') then ['dust_explosion']
                when industry_code in ('4620', '1522', '2231', '7724', '4813') then ['confined_space']
                when industry_code in ('5265', '5169', '5162') then ['hazardous_chemicals']
            end as types
        from entity as e
        where kind = 'enterprise'
    ),

    ranked as (
        select *, row_number() over (order by rnd(i, 'key listed') / sqrt(attention), i) as place_in_line
        from candidate
        where types is not null
    )

select
    i,
    entity_id,
    uscc,
    name,
    key_type,
    i * 4 + j as k,
    greatest(established_on + 30, getvariable('history_start') - 500 + rint(i * 4 + j, 'listed', 0, 1400)::int) as listed_on
from ranked, unnest(types) with ordinality as t(key_type, j)
where place_in_line <= getvariable('key_listings') * 0.9;

create table v_yjgl__key_supervision_list as
with
    lasting as (
        select *, case when rnd(k, 'delisted') < 0.09 then listed_on + rint(k, 'delisted on', 200, 900)::int end as delisted_on
        from key_listing
    ),

    versions as (
        select *, 1 as version, office_time(listed_on, k, 'listed at') as updated_at from lasting
        union all
        select *, 2, office_time(delisted_on, k, 'delisted at') from lasting where delisted_on is not null
    )

select
    'ZD' || lpad(k::varchar, 9, '0') as list_entry_id,
    uscc,
    name as enterprise_name,
    key_type,
    listed_on,
    case version when 2 then delisted_on end as delisted_on,
    updated_at
from versions;

create table v_yjgl__standardization as
with
    candidate as (
        select *, row_number() over (order by rnd(i, 'standardized') / attention, i) as place_in_line
        from entity
        where kind = 'enterprise' and division between '06' and '59'
    ),

    granted as (
        select
            *,
            greatest(established_on + 200, getvariable('as_of') - rint(i, 'granted', 5, 1400)::int) as granted_on
        from candidate
        where place_in_line <= getvariable('standardizations')
    ),

    lasting as (
        select
            *,
            case when rnd(i, 'level') < 0.03 then '1' when rnd(i, 'level') < 0.18 then '2' else '3' end as level,
            case when rnd(i, 'revoked') < case when is_bad then 0.4 else 0.03 end
                then granted_on + rint(i, 'revoked on', 90, 900)::int end as revoked_on
        from granted
    ),

    versions as (
        select *, 1 as version, office_time(granted_on, i, 'granted at') as updated_at from lasting
        union all
        select *, 2, office_time(revoked_on, i, 'revoked at') from lasting where revoked_on is not null
    )

select
    '宁AQB' || level || year(granted_on)::varchar || lpad(i::varchar, 7, '0') as certificate_no,
    uscc,
    name as enterprise_name,
    level,
    granted_on,
    granted_on + 1095 as valid_until,
    case version when 2 then revoked_on end as revoked_on,
    updated_at
from versions;
