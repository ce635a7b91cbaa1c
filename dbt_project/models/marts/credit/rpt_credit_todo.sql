-- One row per thing to be done about a list entry, a repair, a published penalty or what the platform shows now:
-- what, for whom, by whom, since when.
{%- set entry = {
    "relation": ref("fct_credit_list"),
    "key": "entry_key",
    "department": "coalesce(decided_by, department_code)",
    "more": {"subject_name": listed_subject(), "subject_kind_name": "subject_kind_name"},
} %}
{%- set repair = {
    "relation": ref("fct_credit_repair"),
    "key": "repair_id",
    "department": "department_code",
    "more": {
        "subject_name": "enterprise_name",
        "subject_kind_name": "case when target_kind = 'person_entry' then '人员' end",
    },
} %}
{%- set penalty = {
    "relation": ref("fct_credit_publicity"),
    "key": "penalty_key",
    "department": "department_code",
    "more": {"subject_name": "enterprise_name", "subject_kind_name": "cast(null as varchar)"},
} %}
{%- set todos = [
    dict(
        entry,
        kind="remove_from_list",
        name="'应退未退'",
        urgency="1",
        what="case when list_kind = 'red' then '有效期已满，移出守信红名单，停止激励措施'"
        ~ " when repaired_on is not null then '已准予修复，移出名单并停止公示、解除管理措施'"
        ~ " else '管理期限已满，移出名单并停止公示、解除管理措施' end",
        since="removal_due_on",
        where="list_state = 'removal_overdue'",
    ),
    dict(
        repair,
        kind="decide_repair",
        name="'修复逾期未决定'",
        urgency="2",
        what="'已过决定期限，尽快作出准予或不予修复的决定'",
        since="decide_due_on",
        where="decided_on is null and accepted_on is not null and is_decision_late",
    ),
    dict(
        repair,
        kind="accept_repair",
        name="'修复逾期未受理'",
        urgency="2",
        what="'已过受理期限，尽快决定是否受理'",
        since="accept_due_on",
        where="decided_on is null and accepted_on is null and is_accept_late",
    ),
    dict(
        entry,
        kind="apply_for_early_removal",
        name="'可申请提前移出'",
        urgency="3",
        what="'列入已满最短期限，提醒企业整改到位后申请信用修复'",
        since="early_removal_from",
        where="list_kind = 'black' and list_state = 'listed' and early_removal_from <= "
        ~ as_of()
        ~ " and (repair_decision is null or repair_decision = 'refused')",
    ),
    dict(
        penalty,
        kind="apply_for_repair",
        name="'应修未修'",
        urgency="4",
        what="'最短公示期已满、罚款已缴，提醒企业申请信用修复'",
        since="repairable_from",
        where="is_repairable",
    ),
    dict(
        penalty,
        kind="withdraw_display",
        name="'应撤未撤'",
        urgency="1",
        what="case when repaired_on is not null then '已准予修复，从信用平台撤下该处罚信息'"
        ~ " else '最长公示期已满，从信用平台撤下该处罚信息' end",
        since="withdraw_due_on",
        where="display_fault = 'not_withdrawn'",
    ),
    dict(
        entry,
        kind="withdraw_display",
        name="'应撤未撤'",
        urgency="1",
        what="case when removed_on is not null then '已移出名单，从信用平台撤下该名单信息'"
        ~ " else '应移出名单，移出并从信用平台撤下该名单信息' end",
        since="withdraw_due_on",
        where="is_withdrawal_overdue",
    ),
    dict(
        penalty,
        kind="show_again",
        name="'公示不实'",
        urgency="2",
        what="case display_fault when 'not_shown' then '处罚决定已过上网期限而平台没有公示，报送公示'"
        ~ " else '公示期未满、没有修复而平台已撤下，恢复公示或说明依据' end",
        since="case display_fault when 'not_shown' then publish_due_on else withdrawn_on end",
        where="display_fault in ('not_shown', 'withdrawn_early')",
    ),
] %}
with todo as ({{ work_list(todos) }})

select
    concat(todo.todo_kind, ':', todo.source_key) as todo_key,
    todo.todo_kind,
    todo.todo_name,
    cast(todo.urgency as bigint) as urgency,
    todo.what_to_do,
    todo.since_on,
    {{ days_between("todo.since_on", as_of()) }} as waiting_days,
    coalesce(department.department_name, todo.department_code) as department_name,
    todo.entity_id,
    todo.uscc,
    todo.enterprise_name,
    todo.subject_name,
    coalesce(todo.subject_kind_name, '生产经营单位') as subject_kind_name,
    todo.district_code,
    todo.functional_zone_code,
    district.area_name as district_name,
    todo.source_key,
    {{ as_of() }} as as_of
from todo
left join {{ ref("dim_department") }} as department on department.department_code = todo.department_code
left join {{ ref("dim_district") }} as district on district.area_code = todo.district_code
