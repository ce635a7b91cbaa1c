-- What enterprises report of themselves to the emergency bureau: risks, self-checks, duties, alarms.
create view v_yjgl__risk_source as
with
    source as (
        select
            e.*,
            d.centre_longitude + 0.05 * gauss(n, 'risk_source longitude') as longitude,
            d.centre_latitude + 0.04 * gauss(n, 'risk_source latitude') as latitude,
            least(720, greatest(1, round(exp(3.2 + 0.95 * gauss(n, 'risk_source value')))
                * case business when 'chemical' then 2.2 when 'metal' then 1.8 when 'construction' then 1.4 else 1 end))::bigint
                as risk_value,
            day + rint(n, 'risk_source verified', 5, 260)::int as verified_on,
            rnd(n, 'risk_source verification') as luck
        from holdings('risk_source', getvariable('rows_yjgl__risk_source') / 1.21, 'live', 1.25) as e
            join district_centre as d using (district_code)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'risk_source entered') as updated_at from source
        union all
        select *, 2, office_time(verified_on, n, 'risk_source seen') from source where luck < 0.78
        union all
        select *, 3, office_time(verified_on + rint(n, 'risk_source gone', 20, 500)::int, n, 'risk_source closed')
        from source
        where luck < 0.10
    )

select
    'FX' || street_code || lpad(n::varchar, 8, '0') as risk_source_id,
    uscc,
    name as enterprise_name,
    address,
    district_code,
    case when rnd(n, 'risk_source street') >= 0.02 then street_code end as street_code,
    street_code || lpad((1 + n % 40)::varchar, 3, '0') as grid_code,
    case business
        when 'chemical' then pick(n, 'risk_source name', ['甲类罐区', '液氯储罐', '装卸栈台', '聚合反应釜', '危化品仓库', '动火作业', '受限空间作业'])
        when 'metal' then pick(n, 'risk_source name', ['熔炼炉', '铁水包吊运', '煤气柜', '高温熔融金属浇铸区', '行车吊装'])
        when 'industry' then pick(n, 'risk_source name', ['冲压车间', '喷涂车间', '抛光打磨除尘系统', '配电房', '行车', '污水处理池', '空压机房'])
        when 'construction' then pick(n, 'risk_source name', ['深基坑', '脚手架', '塔式起重机', '高处临边', '施工用电', '模板支撑'])
        when 'logistics' then pick(n, 'risk_source name', ['叉车作业区', '高架仓库', '充电区', '停车场', '装卸平台'])
        else pick(n, 'risk_source name', ['厨房燃气', '配电箱', '疏散通道', '电动自行车停放点', '瓶装液化气间', '电气线路', '储物间'])
    end as risk_name,
    pick(n, 'risk_source category', ['equipment', 'process', 'operation', 'site', 'site', 'management']) as risk_category,
    pick(n, 'risk_source accident', case business
        when 'chemical' then ['08', '18', '19', '07'] when 'metal' then ['07', '04', '19', '03']
        when 'construction' then ['09', '10', '04', '01', '05'] when 'logistics' then ['02', '01', '09', '08']
        when 'industry' then ['03', '05', '18', '04', '19'] else ['08', '05', '09', '20'] end) as accident_type_code,
    case when v >= 320 then 'red' when v >= 160 then 'orange' when v >= 70 then 'yellow' else 'blue' end as risk_level,
    v as risk_value,
    pick(n, 'risk_source measure', ['设置可燃气体报警装置，专人巡检', '每日点检并记录', '设置防护栏杆与警示标志', '执行作业票审批',
        '定期检测维保', '配备灭火器材，保持通道畅通', '安装剩余电流保护装置', '操作规程上墙，持证上岗']) as control_measure,
    representative as responsible_person,
    phone as responsible_phone,
    day as identified_on,
    case when version >= 2 then verified_on end as verified_on,
    case when version >= 2 then case when luck < 0.66 then 'confirmed' when luck < 0.75 then 'level_changed' else 'not_found' end end
        as verification_result,
    case when version >= 2 then person(n % 900, 'risk_source grid worker') end as verifier_name,
    least(119.99, greatest(118.01, longitude))::decimal(10, 6) as longitude,
    least(32.99, greatest(31.01, latitude))::decimal(10, 6) as latitude,
    case
        when version >= 2 and luck >= 0.75 then 'revoked' when version = 3 then 'eliminated' else 'valid'
    end as record_status,
    updated_at,
    entity_id as true_entity_id
from (
    select
        *,
        -- a grid worker who sees less risk than was reported, or more
        case when version >= 2 and luck between 0.66 and 0.75 then greatest(1, least(720, floor(risk_value * (0.4 + 1.4 * luck))))
            else risk_value end::bigint as v
    from versions
);

-- Some never find anything in their own house, the bad actors above all, whatever the regulator finds there.
create view v_yjgl__self_check as
with
    checked as (
        select
            *,
            rnd(n, 'self_check kind') as why,
            case
                when is_bad or rnd(i, 'self_check style') < 0.28 then 0
                when rnd(n, 'self_check found') < 0.72 then 0
                else 1 + floor(-ln(1.0 - rnd(n, 'self_check many')) * 1.4)
            end::bigint as found
        from events('self_check', getvariable('rows_yjgl__self_check') / 1.015, 'even', 'live', 1.3)
    ),

-- what was found is mended and reported again; unnest and not a union, so that the draw is made once and streams
    versions as (
        select 'ZC' as mark, *, unnest(case when found > 0 and rnd(n, 'self_check mended') < 0.10 then [1, 2] else [1] end) as version
        from checked
        union all by name
        -- planted: a clean bill of its own, or one small thing, days before the regulator finds much
        select
            'ZCM' as mark,
            l.*,
            v.n,
            v.day - rint(v.n, 'glossed over', 1, 9)::int as day,
            0.9 as why,
            case when rnd(v.n, 'glossed over how') < 0.7 then 0 else 1 end::bigint as found,
            1 as version
        from visit as v join live as l using (i)
        where v.hazards >= 5 and rnd(v.n, 'glossed over it') < 0.12 and v.day - 10 >= l.open_from
    )

select
    mark || strftime(day, '%Y%m%d') || lpad(n::varchar, 8, '0') as check_id,
    uscc,
    name as enterprise_name,
    district_code,
    street_code,
    case when why < 0.30 then 'daily' when why < 0.55 then 'weekly' when why < 0.85 then 'monthly' when why < 0.94 then 'special'
        else 'holiday' end as check_kind,
    day as checked_on,
    case kind when 'enterprise' then rint(n, 'self_check items', 18, 86) else rint(n, 'self_check items', 8, 20) end as items_checked,
    found as hazards_found,
    case when found > 0 and rnd(n, 'self_check major') < 0.004 then 1 else 0 end::bigint as major_hazards_found,
    case version when 2 then found else floor(found * rnd(n, 'self_check at once'))::bigint end as hazards_rectified,
    person(i, 'self_check officer') as checker_name,
    case when rnd(n, 'self_check channel') < 0.62 then 'mobile' when rnd(n, 'self_check channel') < 0.9 then 'web' else 'grid' end
        as channel,
    any_time(day + case version when 2 then rint(n, 'self_check later', 2, 20) else 0 end::int, n, 'self_check sent') as updated_at,
    entity_id as true_entity_id
from versions;

create view v_yjgl__risk_report as
with
    report as (
        select
            *,
            rnd(n, 'risk_report kind') as what,
            day - rint(n, 'risk_report slack', -20, 60)::int as due_on,
            3 + floor(20 * pow(rnd(n, 'risk_report points'), 2) * sqrt(tail))::bigint as points,
            rnd(n, 'risk_report review') as review
        from events('risk_report', getvariable('rows_yjgl__risk_report') / 1.22, 'working', 'pool_industry', 1.1)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'risk_report sent') as updated_at from report
        union all
        select *, 2, office_time(day + rint(n, 'risk_report reviewed', 2, 25)::int, n, 'risk_report reviewed at')
        from report
        where review < 0.93
    )

select
    'FB' || year(day)::varchar || lpad(n::varchar, 7, '0') as report_id,
    uscc,
    name as enterprise_name,
    district_code,
    industry_code,
    case when what < 0.62 then 'annual' when what < 0.85 then 'regular' else 'instant' end as report_kind,
    year(day)::bigint as report_year,
    points as risk_points,
    floor(points * 0.3 * rnd(n, 'risk_report worse'))::bigint as relatively_major_risks,
    floor(points * 0.05 * rnd(n, 'risk_report worse'))::bigint as major_risks,
    due_on,
    day as submitted_on,
    case version when 1 then 'submitted' else case when review < 0.81 then 'accepted' else 'returned' end end as review_status,
    case version when 2 then updated_at::date end as reviewed_on,
    case when version = 2 and review >= 0.81
        then pick(n, 'risk_report why', ['较大以上风险未列管控措施', '风险辨识不全，漏报有限空间', '未上传四色分布图', '风险点等级判定依据不足'])
    end as return_reason,
    person(n, 'risk_report clerk') as reporter_name,
    phone as reporter_phone,
    updated_at
from versions;

create table duty as
select row_number() over () as no, *
from (
    values
    ('organization', '建立健全全员安全生产责任制'), ('organization', '设置安全生产管理机构或配备专职安全管理人员'),
    ('organization', '主要负责人每季度听取安全生产工作汇报'), ('organization', '签订安全生产责任书'),
    ('investment', '按规定提取和使用安全生产费用'), ('investment', '投保安全生产责任保险'), ('investment', '为从业人员配备劳动防护用品'),
    ('training', '主要负责人和安全管理人员考核合格'), ('training', '特种作业人员持证上岗'), ('training', '新员工三级安全教育'),
    ('training', '开展全员安全警示教育'), ('risk_control', '开展安全风险辨识评估并公示'), ('risk_control', '落实较大以上风险报告'),
    ('risk_control', '主要负责人每月带队检查'), ('risk_control', '隐患排查治理闭环'), ('risk_control', '危险作业审批'),
    ('risk_control', '承包商和外来施工安全管理'), ('emergency', '编制应急预案并备案'), ('emergency', '组织应急演练'),
    ('emergency', '配备应急救援器材')
) as t(category, title);

-- every enterprise of the list answers every item every quarter
create view v_yjgl__duty_item as
with
    numbered as (
        select
            n,
            1 + (n - 1) % 20 as no,
            floor((n - 1) / 20)::bigint % 12 as quarter,
            -- the place is worked out before the join: with a subquery in its condition the join compares every pair (2026-11)
            1 + floor((n - 1) / 240)::bigint % (select count(*) from pool_industry) as place
        from range(1, (getvariable('rows_yjgl__duty_item') / 1.035)::bigint + 1) as t(n)
    ),

    member as (
        select *, row_number() over (order by -ln(1.0 - rnd(i, 'duty_item rank')) / greatest(1, inspection_weight), i) as place
        from pool_industry
    ),

    asked as (
        select
            m.* exclude (place),
            u.*,
            d.category,
            d.title,
            (date_trunc('quarter', getvariable('history_start')) + to_months((3 * u.quarter + 3)::int) - interval 1 day)::date as due_on,
            -- fulfilment grows from quarter to quarter; training and risk control are the hard ones
            case when m.is_bad then 0.55 else 0.80 + 0.012 * u.quarter end
                - case d.category when 'risk_control' then 0.08 when 'training' then 0.05 else 0 end as likely,
            rnd(u.n, 'duty_item done') as luck
        from numbered as u
            join member as m on m.place = u.place
            join duty as d using (no)
    ),

    versions as (
        select *, unnest(case when rnd(n, 'duty_item checked') < 0.06 then [1, 2] else [1] end) as version
        from asked
    )

select
    'LS' || year(due_on)::varchar || quarter(due_on)::varchar || lpad(n::varchar, 8, '0') as record_id,
    uscc,
    name as enterprise_name,
    district_code,
    year(due_on)::varchar || '年第' || quarter(due_on)::varchar || '季度' as period,
    'ZT-' || lpad(no::varchar, 2, '0') as item_no,
    category as item_category,
    title as item_name,
    case when luck < 0.03 then 'not_applicable' when luck < 0.03 + likely then 'done' when luck < 0.10 + likely then 'partial'
        else 'not_done' end as fulfilment,
    due_on,
    case when luck >= 0.03 and luck < 0.03 + likely then due_on - rint(n, 'duty_item when', 0, 80)::int end as fulfilled_on,
    case when luck >= 0.03 and luck < 0.10 + likely then rint(n, 'duty_item papers', 1, 6) else 0 end as evidence_count,
    case version when 2 then case when rnd(n, 'duty_item verdict') < 0.86 then 'passed' else 'failed' end end as review_result,
    office_time(
        due_on + case version when 2 then rint(n, 'duty_item review', 8, 40) else -rint(n, 'duty_item told', -6, 30) end::int, n, 'duty_item entered'
    ) as updated_at
from versions;

-- every indicator of every major hazard source every day; a noisy few have most of the alarms
create view v_yjgl__sensor_alarm as
with
    many as (
        select
            getvariable('rows_yjgl__sensor_alarm')::bigint as total,
            (getvariable('as_of') - getvariable('history_start') + 1)::bigint as days,
            ceil(getvariable('rows_yjgl__sensor_alarm') / (getvariable('as_of') - getvariable('history_start') + 1))::bigint as series
    ),

    numbered as (
        select
            n,
            getvariable('history_start') + floor((n - 1) * days / total)::int as alarm_on,
            (n - 1) % series as serial
        from many, range(1, (select total from many) + 1) as t(n)
    ),

    member as (
        select
            *,
            row_number() over (
                order by
                    case when industry_code in ('5942', '2611', '2511', '2614', '2631') then 0 when division in ('25', '26') then 1 else 2 end,
                    rnd(i, 'sensor_alarm rank')
            ) as place
        from pool_chemical
        where closed_on is null and established_on < getvariable('history_start')
    ),

    seen as (
        select
            m.* exclude (place),
            u.n,
            u.alarm_on,
            u.serial,
            -- five indicators a source, one or two sources an enterprise
            floor(u.serial / 5)::bigint as source_no,
            ['temperature', 'pressure', 'level', 'combustible_gas', 'toxic_gas'][1 + u.serial % 5] as indicator,
            rint(u.serial, 'sensor_alarm sensors', 4, 60) as sensors,
            case
                when rnd(u.n, 'sensor_alarm quiet') < case when rnd(u.serial, 'sensor_alarm noisy') < 0.15 then 0.25 else 0.78 end then 0
                else 1 + floor(-ln(1.0 - rnd(u.n, 'sensor_alarm many')) * case when rnd(u.serial, 'sensor_alarm noisy') < 0.15 then 14 else 2 end)
            end::bigint as alarms
        from (select *, 1 + floor(serial / 7)::bigint % (select count(*) from member) as place from numbered) as u
            join member as m on m.place = u.place
    )

select
    'BJ' || strftime(alarm_on, '%Y%m%d') || lpad(serial::varchar, 6, '0') as summary_id,
    'BA' || district_code || lpad(source_no::varchar, 5, '0') as hazard_source_code,
    pick(source_no, 'sensor_alarm place', ['原料罐区', '成品罐区', '液氨储罐', '液氯库', '聚合装置', '氯化装置', '甲类仓库', '加氢装置'])
        as hazard_source_name,
    pick(source_no, 'sensor_alarm grade', ['4', '4', '4', '3', '3', '2', '1']) as hazard_source_grade,
    uscc,
    name as enterprise_name,
    district_code,
    alarm_on,
    indicator,
    sensors,
    case when rnd(n, 'sensor_alarm dark') < 0.06 then sensors - 1 - floor(3 * rnd(n, 'sensor_alarm off'))::bigint else sensors end
        as sensors_online,
    alarms,
    floor(alarms * 0.4 * pow(rnd(n, 'sensor_alarm high'), 3))::bigint as high_alarms,
    case when rnd(n, 'sensor_alarm left') < case when is_bad then 0.4 else 0.05 end then greatest(0, alarms - 1) else alarms end
        as alarms_handled,
    case when alarms > 0 then least(1440, 2 + 10 * -ln(1.0 - rnd(n, 'sensor_alarm took'))) end::decimal(18, 2) as mean_handling_minutes,
    case when rnd(n, 'sensor_alarm dark') < 0.06 then rint(n, 'sensor_alarm dark for', 5, 720) else 0 end as offline_minutes,
    -- the day is summed up in the small hours of the next; the last day comes tomorrow
    (alarm_on + 1)::timestamp + to_minutes(rint(n, 'sensor_alarm summed', 20, 180)) as updated_at
from seen;
