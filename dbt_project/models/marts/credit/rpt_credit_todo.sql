-- One row per thing to be done about a list entry, a repair, a published penalty or what the platform shows now:
-- what, for whom, by whom, since when.
with
    todo as (
        select
            'remove_from_list' as todo_kind,
            '应退未退' as todo_name,
            1 as urgency,
            case
                when list_kind = 'red'
                then '有效期已满，移出守信红名单，停止激励措施'
                when repaired_on is not null
                then '已准予修复，移出名单并停止公示、解除管理措施'
                else '管理期限已满，移出名单并停止公示、解除管理措施'
            end as what_to_do,
            entry_key as source_key,
            coalesce(decided_by, department_code) as responsible,
            entity_id,
            uscc,
            enterprise_name,
            {{ listed_subject() }} as subject_name,
            subject_kind_name,
            district_code,
            functional_zone_code,
            removal_due_on as since_on
        from {{ ref("fct_credit_list") }}
        where list_state = 'removal_overdue'
        union all
        select
            'decide_repair',
            '修复逾期未决定',
            2,
            '已过决定期限，尽快作出准予或不予修复的决定',
            repair_id,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            enterprise_name,
            case when target_kind = 'person_entry' then '人员' end,
            district_code,
            functional_zone_code,
            decide_due_on
        from {{ ref("fct_credit_repair") }}
        where decided_on is null and accepted_on is not null and is_decision_late
        union all
        select
            'accept_repair',
            '修复逾期未受理',
            2,
            '已过受理期限，尽快决定是否受理',
            repair_id,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            enterprise_name,
            case when target_kind = 'person_entry' then '人员' end,
            district_code,
            functional_zone_code,
            accept_due_on
        from {{ ref("fct_credit_repair") }}
        where decided_on is null and accepted_on is null and is_accept_late
        union all
        select
            'apply_for_early_removal',
            '可申请提前移出',
            3,
            '列入已满最短期限，提醒企业整改到位后申请信用修复',
            entry_key,
            coalesce(decided_by, department_code),
            entity_id,
            uscc,
            enterprise_name,
            {{ listed_subject() }},
            subject_kind_name,
            district_code,
            functional_zone_code,
            early_removal_from
        from {{ ref("fct_credit_list") }}
        where
            list_kind = 'black'
            and list_state = 'listed'
            and early_removal_from <= {{ as_of() }}
            and (repair_decision is null or repair_decision = 'refused')
        union all
        select
            'apply_for_repair',
            '应修未修',
            4,
            '最短公示期已满、罚款已缴，提醒企业申请信用修复',
            penalty_key,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            enterprise_name,
            cast(null as varchar),
            district_code,
            functional_zone_code,
            repairable_from
        from {{ ref("fct_credit_publicity") }}
        where is_repairable
        union all
        select
            'withdraw_display',
            '应撤未撤',
            1,
            case when repaired_on is not null then '已准予修复，从信用平台撤下该处罚信息' else '最长公示期已满，从信用平台撤下该处罚信息' end,
            penalty_key,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            enterprise_name,
            cast(null as varchar),
            district_code,
            functional_zone_code,
            withdraw_due_on
        from {{ ref("fct_credit_publicity") }}
        where display_fault = 'not_withdrawn'
        union all
        select
            'withdraw_display',
            '应撤未撤',
            1,
            case when removed_on is not null then '已移出名单，从信用平台撤下该名单信息' else '应移出名单，移出并从信用平台撤下该名单信息' end,
            entry_key,
            coalesce(decided_by, department_code),
            entity_id,
            uscc,
            enterprise_name,
            {{ listed_subject() }},
            subject_kind_name,
            district_code,
            functional_zone_code,
            withdraw_due_on
        from {{ ref("fct_credit_list") }}
        where is_withdrawal_overdue
        union all
        select
            'show_again',
            '公示不实',
            2,
            case display_fault when 'not_shown' then '处罚决定已过上网期限而平台没有公示，报送公示' else '公示期未满、没有修复而平台已撤下，恢复公示或说明依据' end,
            penalty_key,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            enterprise_name,
            cast(null as varchar),
            district_code,
            functional_zone_code,
            case display_fault when 'not_shown' then publish_due_on else withdrawn_on end
        from {{ ref("fct_credit_publicity") }}
        where display_fault in ('not_shown', 'withdrawn_early')
    )

select
    concat(todo.todo_kind, ':', todo.source_key) as todo_key,
    todo.todo_kind,
    todo.todo_name,
    cast(todo.urgency as bigint) as urgency,
    todo.what_to_do,
    todo.since_on,
    {{ days_between("todo.since_on", as_of()) }} as waiting_days,
    coalesce(departments.department_name, todo.responsible) as department_name,
    todo.entity_id,
    todo.uscc,
    todo.enterprise_name,
    todo.subject_name,
    coalesce(todo.subject_kind_name, '生产经营单位') as subject_kind_name,
    todo.district_code,
    todo.functional_zone_code,
    districts.area_name as district_name,
    todo.source_key,
    {{ as_of() }} as as_of
from todo
left join {{ ref("dim_department") }} as departments on departments.department_code = todo.responsible
left join {{ ref("dim_district") }} as districts on districts.area_code = todo.district_code
