-- Emergency resources of the city: teams, stores, shelters, plans, experts, drills.
create view v_yjgl__rescue_team as
with
    team as (
        select
            *,
            case
                when n % 46 = 0 then 'fire' when n % 8 = 1 then 'professional' when n % 5 = 2 then 'grassroots' when n % 40 = 3 then 'social'
                when n % 46 = 7 then 'comprehensive' when n % 11 = 5 then 'shock' else 'enterprise'
            end as team_kind,
            rint(n, 'rescue_team members', 8, 60) as members
        from holdings('rescue_team', getvariable('rows_yjgl__rescue_team') / 1.2, 'pool_industry', 1)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'rescue_team entered') as updated_at from team
        union all
        select *, 2, office_time(open_until - rint(n, 'rescue_team changed', 10, 700)::int, n, 'rescue_team changed at')
        from team
        where rnd(n, 'rescue_team changes') < 0.3 and day < open_until - 720
    )

select
    'DW' || district_code || lpad(n::varchar, 5, '0') as team_id,
    case team_kind
        when 'fire' then district_name || street_name || '消防救援站' when 'grassroots' then street_name || '综合应急队'
        when 'social' then '南京' || brand(n, 'rescue_team brand') || '救援队'
        when 'professional' then district_name || pick(n, 'rescue_team field', ['危化品', '矿山', '水上搜救', '防汛抢险', '燃气抢修', '供电抢修']) || '应急救援队'
        when 'comprehensive' then district_name || '综合应急救援队' when 'shock' then name || '应急突击队'
        else name || '应急救援队'
    end as team_name,
    team_kind,
    case when team_kind <> 'professional' then null when n % 64 = 1 then 'province' when n % 32 = 9 then 'city' else 'district' end as team_level,
    pick(n, 'rescue_team speciality', ['危险化学品', '火灾扑救', '水上救援', '防汛抗旱', '建筑坍塌', '有限空间', '医疗救护', '综合']) as speciality,
    case team_kind when 'fire' then '南京市消防救援支队' when 'grassroots' then street_name || case when right(street_name, 1) = '镇' then '人民政府' else '办事处' end
        when 'comprehensive' then district_name || '应急管理局' else name end as enterprise_name,
    case when team_kind not in ('fire', 'grassroots', 'comprehensive') then uscc end as uscc,
    district_code,
    address,
    members + case version when 2 then 3 else 0 end as members,
    floor(members / 8)::bigint as vehicles,
    members * rint(n, 'rescue_team kit', 2, 9) as equipment_sets,
    person(n, 'rescue_team leader') as leader_name,
    '12' || lpad(rint(n, 'rescue_team phone', 0, 999999999)::varchar, 9, '0') as leader_phone,
    team_kind in ('fire', 'professional') or rnd(n, 'rescue_team duty') < 0.3 as is_on_duty,
    day as founded_on,
    updated_at,
    case when team_kind not in ('fire', 'grassroots', 'comprehensive') then entity_id end as true_entity_id
from versions;

create table material as
select row_number() over () as no, *
from (
    values
    ('rescue_tool', '液压破拆工具组', 'KZQ-120', '套', 28000), ('rescue_tool', '救生抛投器', 'PTQ-7.0', '套', 12000),
    ('rescue_tool', '手抬机动泵', 'JBQ5.5', '台', 9500), ('protection', '正压式空气呼吸器', 'RHZK-6.8', '套', 3600),
    ('protection', '重型防化服', 'FHLWS', '套', 5200), ('protection', '防毒面具', '自吸过滤式', '只', 180), ('living', '折叠床', '1.9m', '张', 160),
    ('living', '棉被', '1.5m×2m', '床', 120), ('living', '帐篷', '12㎡', '顶', 1900), ('living', '矿泉水', '550ml×24', '箱', 32),
    ('medical', '急救箱', '标准型', '只', 260), ('medical', '担架', '折叠式', '副', 420), ('flood', '编织袋', '90cm×55cm', '万条', 9000),
    ('flood', '救生衣', '成人', '件', 75), ('flood', '冲锋舟', '5.0m', '艘', 46000), ('flood', '移动排水泵车', '1000m³/h', '台', 860000),
    ('communication', '卫星电话', '便携式', '部', 13000), ('communication', '应急照明灯塔', '4×500W', '台', 15800),
    ('communication', '对讲机', '数字', '部', 1200), ('protection', '雨衣', '加厚', '件', 48), ('flood', '土工布', '300g', '平方米', 6)
) as t(category, material_name, specification, measure, price);

create view v_yjgl__emergency_material as
with
    stock as (
        select
            e.*,
            m.* exclude (no),
            case when rnd(n, 'emergency_material kind') < 0.66 then 'physical' when rnd(n, 'emergency_material kind') < 0.93 then 'agreement'
                else 'capacity' end as storage_kind,
            case when rnd(n, 'emergency_material level') < 0.06 then 'city' when rnd(n, 'emergency_material level') < 0.26 then 'district'
                when rnd(n, 'emergency_material level') < 0.61 then 'street' else 'enterprise' end as keeper_level,
            greatest(1, round(exp(3.2 + 1.1 * gauss(n, 'emergency_material quantity')) / sqrt(m.price / 100.0))) as quantity,
            rnd(n, 'emergency_material keeper') as luck
        from holdings('emergency_material', getvariable('rows_yjgl__emergency_material') / 1.85, 'live_enterprise', 1.3) as e
            join material as m on m.no = 1 + floor(rnd(e.n, 'emergency_material what') * 21)::bigint
    ),

-- counted again every year or so
    versions as (
        select
            *,
            j,
            quantity * case when j > 1 and rnd(n * 8 + j, 'emergency_material used') < 0.4 then 0.8 else 1 end as held,
            office_time(greatest(day, getvariable('history_start') - 40) + ((j - 1) * rint(n, 'emergency_material round', 300, 420))::int, n,
                'emergency_material counted') as updated_at
        from stock, unnest(range(1, 4)) as t(j)
        where j = 1 or rnd(n, 'emergency_material recounts') < 0.6
    )

select
    'WZ' || district_code || lpad(n::varchar, 7, '0') as material_id,
    case keeper_level when 'city' then '市级应急物资储备库' when 'district' then district_name || '应急物资储备库'
        when 'street' then street_name || '应急物资储备点' else name || '库' end as warehouse_name,
    storage_kind,
    keeper_level,
    category,
    material_name,
    specification,
    measure,
    floor(held)::decimal(18, 2) as quantity,
    (floor(held) * price)::decimal(18, 2) as amount_yuan,
    case when storage_kind <> 'physical' or keeper_level = 'enterprise' then substr(uscc, 9, 9) end as organization_code,
    case when storage_kind <> 'physical' or keeper_level = 'enterprise' then name end as enterprise_name,
    district_code,
    case when keeper_level in ('city', 'district') then '南京市' || district_name || street_name else address end as address,
    day - rint(n, 'emergency_material made', 10, 300)::int as produced_on,
    case when category in ('living', 'medical', 'protection') then day + rint(n, 'emergency_material lasts', 365, 1800)::int end as expires_on,
    person(n, 'emergency_material keeper') as contact_name,
    '12' || lpad(rint(n, 'emergency_material phone', 0, 999999999)::varchar, 9, '0') as contact_phone,
    updated_at,
    case when storage_kind <> 'physical' or keeper_level = 'enterprise' then entity_id end as true_entity_id
from versions;

create view v_yjgl__shelter as
with
    site as (
        select
            n,
            p.*,
            d.centre_longitude,
            d.centre_latitude,
            pick(n, 'shelter site', ['park', 'park', 'square', 'school', 'school', 'stadium', 'civil_defence']) as site_kind,
            case when n % 17 = 0 then 'central' when n % 4 = 0 then 'fixed' else 'urgent' end as shelter_kind,
            (getvariable('as_of') - rint(n, 'shelter built', 60, 5000)::int)::date as built_on
        from
            (
                select n, 1 + (n - 1) % (select count(*) from place) as place
                from range(1, (getvariable('rows_yjgl__shelter') / 1.15)::bigint + 1) as t(n)
            ) as t
            join (select *, row_number() over (order by rnd(street_code, 'shelter street')) as place from place) as p on p.place = t.place
            join district_centre as d using (district_code)
    ),

    versions as (
        select *, 1 as version, office_time(built_on + 20, n, 'shelter entered') as updated_at from site
        union all
        select *, 2, office_time(getvariable('as_of') - rint(n, 'shelter changed', 1, 900)::int, n, 'shelter changed at')
        from site
        where rnd(n, 'shelter changes') < 0.22 and built_on < getvariable('as_of') - 950
    )

select
    'BN' || district_code || lpad(n::varchar, 4, '0') as shelter_id,
    regexp_replace(street_name, '(街道|镇)$', '') || brand(n, 'shelter name') || case site_kind when 'park' then '公园' when 'square' then '广场'
        when 'school' then '中学' when 'stadium' then '体育馆' else '人防工程' end || '应急避难场所' as shelter_name,
    shelter_kind,
    site_kind,
    area::decimal(18, 2) as area_sqm,
    floor(area / case shelter_kind when 'urgent' then 1.0 when 'fixed' then 2.0 else 3.5 end)::bigint as capacity_persons,
    district_code,
    street_code,
    '南京市' || (select district_name from district_share as s where s.district_code = versions.district_code) || street_name as address,
    (centre_longitude + 0.04 * gauss(n, 'shelter longitude'))::decimal(10, 6) as longitude,
    (centre_latitude + 0.03 * gauss(n, 'shelter latitude'))::decimal(10, 6) as latitude,
    street_name || '应急管理办公室' as managing_unit,
    person(n, 'shelter manager') as manager_name,
    '12' || lpad(rint(n, 'shelter phone', 0, 999999999)::varchar, 9, '0') as manager_phone,
    built_on,
    site_kind in ('stadium', 'civil_defence') or (site_kind = 'school' and n % 2 = 0) as is_indoor,
    case version when 2 then pick(n, 'shelter state', ['ready', 'repairing', 'closed']) else 'ready' end as shelter_status,
    updated_at
from (select *, 100 * rint(n, 'shelter area', 8, case shelter_kind when 'central' then 900 when 'fixed' then 300 else 60 end) as area from versions)
    as versions;

create view v_yjgl__emergency_plan as
with
    filed as (
        select *, rnd(n, 'emergency_plan kind') as what
        from events('emergency_plan', getvariable('rows_yjgl__emergency_plan') / 1.08, 'working', 'live_enterprise', 1.2)
    ),

    versions as (
        select *, 1 as version, office_time(day + 2, n, 'emergency_plan filed') as updated_at from filed
        union all
        select *, 2, office_time(day + rint(n, 'emergency_plan revised', 200, 900)::int, n, 'emergency_plan revised at')
        from filed
        where rnd(n, 'emergency_plan revises') < 0.18
    )

select
    '3201' || substr(district_code, 5, 2) || '-' || year(day)::varchar || '-' || lpad(n::varchar, 6, '0') as plan_id,
    uscc,
    name as enterprise_name,
    address,
    district_code,
    name || case when what < 0.6 then '生产安全事故综合应急预案'
        when what < 0.85 then pick(n, 'emergency_plan of', ['火灾', '触电', '危险化学品泄漏', '有限空间中毒和窒息', '机械伤害']) || '专项应急预案'
        else pick(n, 'emergency_plan of', ['配电房', '储罐区', '喷涂车间', '冷库', '锅炉房']) || '现场处置方案' end as plan_name,
    case when what < 0.6 then 'comprehensive' when what < 0.85 then 'special' else 'on_site' end as plan_kind,
    case business when 'chemical' then pick(n, 'emergency_plan grade', ['major', 'relatively_major']) when 'metal' then 'relatively_major'
        else pick(n, 'emergency_plan grade', ['general', 'general', 'general', 'relatively_major']) end as risk_grade,
    day as filed_on,
    day + 1095 as valid_until,
    case version when 2 then updated_at::date - 3 end as revised_on,
    rnd(n, 'emergency_plan panel') < 0.9 as is_reviewed,
    '南京市' || district_name || '应急管理局' as filed_with,
    person(n, 'emergency_plan clerk') as contact_name,
    phone as contact_phone,
    updated_at
from versions;

create view v_yjgl__expert as
with
    expert as (
        select
            *,
            rint(n, 'expert age', 32, 66) as age,
            rnd(n, 'expert sex') < 0.8 as is_man
        from holdings('expert', getvariable('rows_yjgl__expert') / 1.12, 'live_enterprise', 1)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'expert appointed') as updated_at from expert
        union all
        select *, 2, office_time(day + 1090, n, 'expert left') from expert where rnd(n, 'expert leaves') < 0.3
    )

select
    'ZJ' || lpad(n::varchar, 6, '0') as expert_id,
    person(n, 'expert') as expert_name,
    -- 320100 is the city itself, which no identity card carries: valid in form, nobody's
    identity_number(
        '320100' || strftime(getvariable('as_of') - (365 * age + rint(n, 'expert born', 1, 300))::int, '%Y%m%d')
        || lpad((2 * rint(n, 'expert serial', 0, 499) + case when is_man then 1 else 0 end)::varchar, 3, '0')
    ) as identity_number,
    case when is_man then 'male' else 'female' end as gender,
    pick(n, 'expert field', ['hazardous_chemicals', 'hazardous_chemicals', 'mining', 'metallurgy', 'machinery', 'construction', 'fire', 'special_equipment',
        'electrical', 'flood', 'geology', 'emergency', 'occupational_health']) as field,
    case when age > 48 then 'senior' when age > 38 then 'associate_senior' else 'intermediate' end as title,
    name as enterprise_name,
    uscc,
    '12' || lpad(rint(n, 'expert phone', 0, 999999999)::varchar, 9, '0') as phone,
    case when rnd(n, 'expert level') < 0.03 then 'national' when rnd(n, 'expert level') < 0.2 then 'provincial' else 'city' end as expert_level,
    day as appointed_on,
    day + 1095 as appointed_until,
    version = 1 as is_serving,
    updated_at
from versions;

-- an older system: the name as the organiser wrote it, a credit code on six forms of ten
create view v_yjgl__drill as
with
    held as (
        select *, rnd(n, 'drill kind') as what, floor(4 * pow(rnd(n, 'drill problems'), 1.5))::bigint as problems
        from events('drill', getvariable('rows_yjgl__drill') / 1.13, 'working', 'live', 1.35)
    ),

    versions as (
        select *, 1 as version, office_time(day + rint(n, 'drill entered', 0, 6)::int, n, 'drill entered at') as updated_at from held
        union all
        select *, 2, office_time(day + rint(n, 'drill mended', 10, 90)::int, n, 'drill mended at') from held where problems > 1 and what < 0.5
    )

select
    'YL' || strftime(day, '%Y%m%d') || lpad(n::varchar, 6, '0') as drill_id,
    year(day)::varchar || '年' || pick(n, 'drill of', ['消防疏散', '危化品泄漏', '有限空间救援', '触电急救', '防汛', '电梯困人', '燃气泄漏', '高处坠落救援'])
        || '应急演练' as drill_name,
    loosely(name, n, 'drill name') as enterprise_name,
    case when rnd(n, 'drill code') < 0.6 then uscc end as uscc,
    loosely(address, n, 'drill place') as address,
    district_code,
    cast(null as varchar) as plan_id,
    case when what < 0.25 then 'comprehensive' when what < 0.6 then 'special' else 'on_site' end as drill_kind,
    case when rnd(n, 'drill form') < 0.35 then 'tabletop' else 'practical' end as drill_form,
    day as held_on,
    least(5000, greatest(4, round(persons * (0.2 + 0.6 * rnd(n, 'drill persons')))))::bigint as participants,
    problems as problems_found,
    case version when 2 then problems else 0 end as problems_rectified,
    case when rnd(n, 'drill verdict') < 0.1 then 'excellent' when rnd(n, 'drill verdict') < 0.5 then 'good'
        when rnd(n, 'drill verdict') < 0.98 then 'qualified' else 'unqualified' end as assessment,
    case when rnd(n, 'drill cost') < 0.7 then 100 * rint(n, 'drill spent', 1, 300) end::decimal(18, 2) as cost_yuan,
    person(n, 'drill clerk') as recorder_name,
    updated_at,
    entity_id as true_entity_id
from versions;
