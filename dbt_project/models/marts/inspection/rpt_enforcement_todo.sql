-- One row per matter of enforcement that is past its day and still open on as_of: what, at which enterprise, which
-- department must act, since when, what to do.
with
    todo as (
        select
            'verify_suspension' as todo_kind,
            '停产停业到期待核' as todo_name,
            1 as urgency,
            '到现场核实：已恢复的补录恢复日期，擅自恢复的依法查处，仍不具备条件的延长整顿或提请关闭' as what_to_do,
            case_key as source_key,
            case_no as reference_no,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            {{ add_days("suspension_until", 1) }} as since_on
        from {{ ref("fct_case") }}
        where suspension_state = 'expired'
        union all
        select
            'delist_hazard',
            '挂牌督办超期',
            1,
            concat('督促整改销号；确需延期的报', coalesce(listed_level_name, ''), '挂牌单位批准'),
            hazard_id,
            coalesce(listing_no, hazard_id),
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            {{ add_days("listing_deadline_on", 1) }}
        from {{ ref("fct_hazard") }}
        where is_listing_overdue
        union all
        select
            'decide_case',
            '案件超期未决定',
            2,
            '已过决定时限：尽快作出处罚、不予处罚或撤案的决定',
            case_key,
            case_no,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            {{ add_days("decision_due_on", 1) }}
        from {{ ref("fct_case") }}
        where is_overdue
        union all
        select
            'decide_closure',
            '提请关闭未决定',
            2,
            '向提请的人民政府了解是否决定关闭，决定后补录日期；关闭前防止擅自生产',
            case_key,
            case_no,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            closure_proposed_on
        from {{ ref("fct_case") }}
        where closure_proposed_on <= {{ as_of() }} and not coalesce(closed_down_on <= {{ as_of() }}, 1 = 0)
        union all
        select
            'rectify_hazard',
            case when level = 'major' then '重大隐患逾期未整改' else '隐患逾期未整改' end,
            case when level = 'major' then 1 else 3 end,
            case
                when is_rechecked and recheck_result = 'failed'
                then '复查不到位：责令继续整改，拒不整改的依法查处'
                else '到现场复查；确有困难的按程序延期，拒不整改的依法查处'
            end,
            hazard_id,
            coalesce(order_no, hazard_id),
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            {{ add_days("deadline_on", 1) }}
        from {{ ref("fct_hazard") }}
        where is_overdue and not is_listing_overdue
        union all
        select
            'collect_payment',
            '罚没款逾期未缴',
            3,
            '催告缴纳，依法加处罚款；催告后仍不缴的申请法院强制执行',
            payment_key,
            case_no,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            {{ add_days("due_on", 1) }}
        from {{ ref("fct_penalty_payment") }}
        where is_overdue
        union all
        select
            'follow_transfer',
            '移送司法未反馈',
            3,
            '向公安机关了解是否立案，补录移送结果',
            case_key,
            case_no,
            department_code,
            entity_id,
            uscc,
            enterprise_name,
            district_code,
            district_name,
            functional_zone_code,
            transferred_on
        from {{ ref("fct_case") }}
        where transferred_on <= {{ as_of() }} and transfer_outcome is null
    )

select
    concat(todo.todo_kind, ':', todo.source_key) as todo_key,
    todo.todo_kind,
    todo.todo_name,
    cast(todo.urgency as bigint) as urgency,
    todo.what_to_do,
    cast(todo.since_on as date) as since_on,
    {{ days_between("cast(todo.since_on as date)", as_of()) }} as waiting_days,
    todo.department_code,
    department.short_name as department_name,
    todo.district_code,
    todo.district_name,
    todo.functional_zone_code,
    todo.entity_id,
    todo.uscc,
    todo.enterprise_name,
    todo.reference_no,
    todo.source_key,
    {{ as_of() }} as as_of
from todo
left join {{ ref("dim_department") }} as department on todo.department_code = department.department_code
