-- Credit commitments: some are broken, those of the bad actors often.
create view v_fgw__credit_commitment as
with
    given as (
        select *, rnd(n, 'credit_commitment kind') as what, rnd(n, 'credit_commitment kept') as luck
        from events('credit_commitment', getvariable('rows_fgw__credit_commitment') / 1.12, 'working', 'pool_coded', 1.15)
    ),

    versions as (
        select *, 1 as version, office_time(day, n, 'credit_commitment given') as updated_at from given
        union all
        select *, 2, office_time(day + rint(n, 'credit_commitment checked', 30, 300)::int, n, 'credit_commitment checked at')
        from given
        where rnd(n, 'credit_commitment looked at') < 0.3
    )

select
    'CN3201' || strftime(day, '%Y%m%d') || lpad(n::varchar, 7, '0') as commitment_id,
    uscc,
    name as enterprise_name,
    district_code,
    case when what < 0.35 then 'approval' when what < 0.62 then 'certificate' when what < 0.90 then 'publicity' when what < 0.93 then 'repair'
        else 'self_discipline' end as commitment_kind,
    case
        when what < 0.35 then pick(n, 'credit_commitment matter', ['危险化学品经营许可告知承诺', '食品经营许可告知承诺', '公众聚集场所消防安全检查告知承诺', '道路货物运输经营许可'])
        when what < 0.62 then pick(n, 'credit_commitment matter', ['特种作业人员证明事项', '安全评价资质证明事项', '场所使用证明'])
        when what < 0.90 then pick(n, 'credit_commitment matter', ['落实安全生产主体责任承诺', '不违法排污承诺', '依法诚信纳税承诺', '消防安全承诺'])
        when what < 0.93 then '信用修复承诺' else '行业自律公约承诺'
    end as matter,
    '南京市' || pick(n, 'credit_commitment office', ['应急管理局', '市场监督管理局', '消防救援支队', '交通运输局', '行政审批局', '生态环境局']) as accepted_by,
    day as committed_on,
    case when what < 0.62 then day + 1095 end as valid_until,
    case version when 1 then 'ongoing' else case when luck < case when is_bad then 0.45 else 0.045 end then 'broken' else 'fulfilled' end end as fulfilment,
    case version when 2 then updated_at::date end as verified_on,
    case when version = 2 and luck < case when is_bad then 0.45 else 0.045 end
        then pick(n, 'credit_commitment breach', ['承诺内容与实际不符', '未在承诺期限内达到许可条件', '安全设施未按承诺整改', '拒不配合核查']) end as breach,
    rnd(n, 'credit_commitment public') < 0.9 as is_public,
    updated_at
from versions;
