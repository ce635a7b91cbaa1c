-- One row per accident at work (工矿商贸): the group it is reported in (煤矿、金属与非金属矿、建筑施工、危险化学品、其他), by the
-- longest prefix of its industry code in the rule in force on the day it occurred; without a code the group is unknown.
with
    coded as (
        select
            accident.department_code,
            accident.accident_id,
            accident.occurred_on,
            coalesce(accident.industry_code, enterprise.industry_code) as industry_code
        from {{ ref("int_accident__latest") }} as accident
        left join {{ ref("int_core__mention_entity") }} as enterprise on accident._mention_key = enterprise.mention_key
        where accident.accident_domain = 'work'
    ),

    ranked as (
        select
            coded.department_code,
            coded.accident_id,
            coded.industry_code,
            work_group.work_group_code,
            work_group.work_group_name,
            row_number() over (
                partition by coded.department_code, coded.accident_id
                order by length(work_group.industry_prefix) desc nulls last
            ) as place
        from coded
        left join
            {{ ref("accident_work_group") }} as work_group
            on substring(coded.industry_code, 1, length(work_group.industry_prefix)) = work_group.industry_prefix
            and coded.occurred_on >= work_group.valid_from
            and coded.occurred_on <= work_group.valid_to
    )

select
    department_code,
    accident_id,
    case when industry_code is null then 'unknown' else coalesce(work_group_code, 'other') end as work_group_code,
    case when industry_code is null then '未知' else coalesce(work_group_name, '其他') end as work_group_name
from ranked
where place = 1
