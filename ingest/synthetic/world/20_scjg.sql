-- Special equipment and the penalty cases of the market supervision bureau.
create view v_scjg__special_equipment as
with
    device as (
        select
            *,
            case
                when division in ('70', '83', '84', '61', '52') or business = 'service'
                    then pick(n, 'special_equipment kind', ['elevator', 'elevator', 'elevator', 'elevator', 'elevator', 'boiler'])
                when business = 'chemical'
                    then pick(n, 'special_equipment kind', ['pressure_vessel', 'pressure_vessel', 'pressure_vessel', 'pressure_pipe', 'boiler', 'works_vehicle'])
                when business = 'logistics'
                    then pick(n, 'special_equipment kind', ['works_vehicle', 'works_vehicle', 'works_vehicle', 'crane', 'elevator'])
                when business = 'construction'
                    then pick(n, 'special_equipment kind', ['crane', 'crane', 'crane', 'works_vehicle'])
                else pick(n, 'special_equipment kind', ['works_vehicle', 'works_vehicle', 'pressure_vessel', 'pressure_vessel', 'crane', 'crane', 'elevator', 'boiler', 'pressure_pipe'])
            end as drawn_kind
        from holdings('special_equipment', getvariable('rows_scjg__special_equipment') / 1.47, 'live', 1.6)
    ),

-- a few amusement rides and cable cars, wherever
    known as (
        select
            * exclude (drawn_kind),
            case when n % 4001 = 7 then 'amusement' when n % 9001 = 11 then 'ropeway' else drawn_kind end as equipment_kind,
            case drawn_kind when 'elevator' then 365 when 'works_vehicle' then 365 when 'boiler' then 365 else 730 end as period
        from device
    ),

    course as (
        select
            *,
            -- the last inspection before as_of; a bad actor lets it lapse
            day + period * floor((open_until - day) * (0.25 + 0.75 * rnd(n, 'special_equipment cycles')) / period)::int
                + rint(n, 'special_equipment slips', 0, case when is_bad then 200 else 25 end)::int as again_on,
            case when rnd(n, 'special_equipment ends') < 0.05
                then open_until - floor((open_until - day) * rnd(n, 'special_equipment ended') * 0.3)::int end as ended_on
        from known
    ),

    versions as (
        select *, 1 as version, day as inspected_on, office_time(day + 3, n, 'special_equipment registered') as updated_at from course
        union all
        select *, 2, again_on, office_time(again_on + 2, n, 'special_equipment inspected') from course where again_on > day
        union all
        select *, 3, greatest(day, again_on), office_time(greatest(ended_on, again_on + 3, day + 4), n, 'special_equipment ended')
        from course
        where ended_on is not null
    )

select
    '3' || lpad((1 + list_position(['boiler', 'pressure_vessel', 'elevator', 'crane', 'works_vehicle', 'amusement', 'pressure_pipe', 'ropeway'], equipment_kind))::varchar, 2, '0')
        || '10' || district_code || lpad(n::varchar, 8, '0') as equipment_code,
    case equipment_kind when 'elevator' then '梯' when 'boiler' then '锅' when 'crane' then '起' when 'works_vehicle' then '车'
        when 'pressure_vessel' then '容' when 'pressure_pipe' then '管' else '游' end
        || pick(n, 'special_equipment class', ['11', '12', '15', '17']) || '苏A' || lpad((n % 100000)::varchar, 5, '0')
        || '（' || right(year(day)::varchar, 2) || '）' as certificate_no,
    equipment_kind,
    case equipment_kind
        when 'elevator' then pick(n, 'special_equipment type', ['曳引驱动乘客电梯', '曳引驱动乘客电梯', '曳引驱动载货电梯', '自动扶梯', '杂物电梯'])
        when 'boiler' then pick(n, 'special_equipment type', ['承压蒸汽锅炉', '承压热水锅炉', '有机热载体锅炉'])
        when 'pressure_vessel' then pick(n, 'special_equipment type', ['第一类压力容器', '第二类压力容器', '第三类压力容器', '储气罐'])
        when 'pressure_pipe' then pick(n, 'special_equipment type', ['工业管道', '公用燃气管道'])
        when 'crane' then pick(n, 'special_equipment type', ['通用桥式起重机', '电动单梁起重机', '塔式起重机', '施工升降机', '门式起重机'])
        when 'works_vehicle' then pick(n, 'special_equipment type', ['叉车', '叉车', '叉车', '观光车'])
        when 'amusement' then '观览车类' else '客运缆车'
    end as equipment_type,
    pick(n, 'special_equipment model', ['TKJ', 'GQ', 'LH', 'QD', 'CPC', 'WNS', 'C-']) || rint(n, 'special_equipment size', 2, 60)::varchar
        as model,
    'NO' || rint(n, 'special_equipment works no', 100000, 999999)::varchar as factory_no,
    uscc,
    name as enterprise_name,
    district_code,
    street_code,
    address,
    day - rint(n, 'special_equipment made', 40, 500)::int as manufactured_on,
    day as in_use_since,
    person(n, 'special_equipment manager') as safety_manager,
    '12' || lpad(rint(n, 'special_equipment phone', 0, 999999999)::varchar, 9, '0') as manager_phone,
    case when equipment_kind = 'elevator'
        then '南京' || brand(n % 60, 'special_equipment keeper') || '电梯工程有限公司' end as maintenance_unit,
    inspected_on,
    inspected_on + period as next_inspection_on,
    case
        when rnd(n + version, 'special_equipment result') < case when is_bad then 0.12 else 0.015 end then 'failed'
        when rnd(n + version, 'special_equipment result') < 0.16 then 'passed_after_repair' else 'passed'
    end as inspection_result,
    case version when 3 then pick(n, 'special_equipment end', ['stopped', 'stopped', 'scrapped', 'cancelled']) else 'in_use' end
        as use_status,
    updated_at,
    entity_id as true_entity_id
from versions;

create view v_scjg__market_penalty as
with
    cases as (
        select
            *,
            day as filed_on,
            case
                when rnd(n, 'market_penalty kind') < 0.16 then 'warning' when rnd(n, 'market_penalty kind') < 0.84 then 'fine'
                when rnd(n, 'market_penalty kind') < 0.955 then 'confiscation' when rnd(n, 'market_penalty kind') < 0.985 then 'suspension'
                else 'revocation'
            end as penalty_kind,
            case when rnd(n, 'market_penalty decides') < 0.94
                then day + case when rnd(n, 'market_penalty slow') < 0.07 then rint(n, 'market_penalty took', 91, 170)
                    else rint(n, 'market_penalty took', 10, 88) end::int
            end as decided_on,
            case when rnd(n, 'market_penalty pays') < 0.92 then rint(n, 'market_penalty paid', 1, 25) end as paid_after,
            100 * greatest(5, least(3000, round(exp(3.6 + 0.95 * gauss(n, 'market_penalty fine'))))) as fine
        from events('market_penalty', getvariable('rows_scjg__market_penalty') / 1.53, 'working', 'pool_coded', 1.4)
    ),

    versions as (
        select *, 1 as version, office_time(filed_on, n, 'market_penalty filed') as updated_at from cases
        union all
        select *, 2, office_time(decided_on + 3, n, 'market_penalty decided') from cases where decided_on is not null
        union all
        select *, 3, office_time(decided_on + 3 + paid_after::int, n, 'market_penalty settled')
        from cases
        where decided_on is not null and paid_after is not null and penalty_kind in ('fine', 'confiscation', 'suspension')
    )

select
    '宁' || short_name || '市监案〔' || year(filed_on)::varchar || '〕' || n::varchar || '号' as case_no,
    case when version >= 2 then '宁' || short_name || '市监处罚〔' || year(decided_on)::varchar || '〕' || n::varchar || '号' end
        as decision_no,
    uscc,
    name as enterprise_name,
    case kind when 'enterprise' then 'legal_person' else 'sole_trader' end as party_kind,
    representative as legal_representative,
    district_code,
    case
        when business in ('chemical', 'industry', 'metal')
            then pick(n, 'market_penalty violation', ['使用未经定期检验的特种设备', '使用未取得生产许可的特种设备', '生产不符合国家标准的产品',
                '未设置特种设备安全管理人员', '叉车司机无证上岗', '计量器具未检定'])
        when business = 'logistics'
            then pick(n, 'market_penalty violation', ['使用未经登记的场内机动车辆', '叉车司机无证上岗', '使用超期未检的气瓶'])
        else pick(n, 'market_penalty violation', ['电梯超期未检', '销售不合格燃气器具', '未落实电梯日管控要求', '经营超过保质期的食品',
            '虚假宣传', '未明码标价', '销售质量不合格的电动自行车'])
    end as violation,
    filed_on,
    case when version >= 2 then decided_on end as decided_on,
    penalty_kind,
    case when version >= 2 and penalty_kind in ('fine', 'confiscation', 'suspension') then fine end::decimal(18, 2) as fine_yuan,
    case when version >= 2 and penalty_kind = 'confiscation' then 10 * rint(n, 'market_penalty taken', 20, 3000) end::decimal(18, 2)
        as confiscated_yuan,
    case version when 3 then decided_on + 3 + paid_after::int end as paid_on,
    case when version >= 2 then pick(n, 'market_penalty law', ['《特种设备安全法》第八十四条第一项', '《特种设备安全法》第八十三条第一项',
        '《产品质量法》第四十九条', '《产品质量法》第五十条', '《江苏省电梯安全条例》第六十一条', '《食品安全法》第一百二十四条第一款第五项']) end
        as legal_basis,
    case when version >= 2 then decided_on + case when fine >= 50000 then 1095 else 365 end end as public_until,
    case when version >= 2 then '南京市' || district_name || '市场监督管理局' end as decided_by,
    updated_at
from versions;
