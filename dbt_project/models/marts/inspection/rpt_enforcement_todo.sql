-- One row per matter of enforcement that is past its day and still open on as_of: what, at which enterprise, which
-- department must act, since when, what to do.
{%- set case = {
    "relation": ref("fct_case"),
    "key": "case_key",
    "department": "department_code",
    "more": {"district_name": "district_name", "reference_no": "case_no"},
} %}
{%- set hazard = {"relation": ref("fct_hazard"), "key": "hazard_id", "department": "department_code"} %}
{%- set todos = [
    dict(
        case,
        kind="verify_suspension",
        name="'停产停业到期待核'",
        urgency="1",
        what="'到现场核实：已恢复的补录恢复日期，擅自恢复的依法查处，仍不具备条件的延长整顿或提请关闭'",
        since=add_days("suspension_until", 1),
        where="suspension_state = 'expired'",
    ),
    dict(
        case,
        kind="decide_case",
        name="'案件超期未决定'",
        urgency="2",
        what="'已过决定时限：尽快作出处罚、不予处罚或撤案的决定'",
        since=add_days("decision_due_on", 1),
        where="is_overdue",
    ),
    dict(
        case,
        kind="decide_closure",
        name="'提请关闭未决定'",
        urgency="2",
        what="'向提请的人民政府了解是否决定关闭，决定后补录日期；关闭前防止擅自生产'",
        since="closure_proposed_on",
        where="closure_proposed_on <= "
        ~ as_of()
        ~ " and not coalesce(closed_down_on <= "
        ~ as_of()
        ~ ", 1 = 0)",
    ),
    dict(
        case,
        kind="follow_transfer",
        name="'移送司法未反馈'",
        urgency="3",
        what="'向公安机关了解是否立案，补录移送结果'",
        since="transferred_on",
        where="transferred_on <= " ~ as_of() ~ " and transfer_outcome is null",
    ),
    dict(
        hazard,
        kind="delist_hazard",
        name="'挂牌督办超期'",
        urgency="1",
        what="concat('督促整改销号；确需延期的报', coalesce(listed_level_name, ''), '挂牌单位批准')",
        more={"district_name": "district_name", "reference_no": "coalesce(listing_no, hazard_id)"},
        since=add_days("listing_deadline_on", 1),
        where="is_listing_overdue",
    ),
    dict(
        hazard,
        kind="rectify_hazard",
        name="case when level = 'major' then '重大隐患逾期未整改' else '隐患逾期未整改' end",
        urgency="case when level = 'major' then 1 else 3 end",
        what="case when is_rechecked and recheck_result = 'failed' then '复查不到位：责令继续整改，拒不整改的依法查处'"
        ~ " else '到现场复查；确有困难的按程序延期，拒不整改的依法查处' end",
        more={"district_name": "district_name", "reference_no": "coalesce(order_no, hazard_id)"},
        since=add_days("deadline_on", 1),
        where="is_overdue and not is_listing_overdue",
    ),
    dict(
        relation=ref("fct_penalty_payment"),
        key="payment_key",
        department="department_code",
        kind="collect_payment",
        name="'罚没款逾期未缴'",
        urgency="3",
        what="'催告缴纳，依法加处罚款；催告后仍不缴的申请法院强制执行'",
        more={"district_name": "district_name", "reference_no": "case_no"},
        since=add_days("due_on", 1),
        where="is_overdue",
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
