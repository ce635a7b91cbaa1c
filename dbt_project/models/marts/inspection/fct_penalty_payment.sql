-- One row per instalment of a fine or of a confiscation (罚没款), latest state. A case of which no payment is sent but a
-- day of payment (市监、海事, and cases from before the payments came) has one row a money, paid whole that day; unpaid,
-- it is owed without a day.
with
    announced as (select distinct department_code, case_no from {{ ref("int_inspection__penalty_payment_latest") }}),

    told as (
        select
            payment.department_code,
            payment.payment_no,
            payment.case_no,
            payment.money_kind,
            payment.instalment_no,
            payment.instalments,
            payment.due_on,
            payment.due_yuan,
            payment.paid_on,
            payment.paid_yuan,
            payment.late_fee_yuan,
            'payment' as told_by
        from {{ ref("int_inspection__penalty_payment_latest") }} as payment
        {% for kind, column in [("fine", "fine_yuan"), ("confiscation", "confiscated_yuan")] %}
            union all
            select
                penalty.department_code,
                concat(penalty.case_no, ':{{ kind }}'),
                penalty.case_no,
                '{{ kind }}',
                1,
                1,
                cast(null as date),
                penalty.{{ column }},
                penalty.paid_on,
                case when penalty.paid_on is not null then penalty.{{ column }} end,
                cast(null as decimal(18, 2)),
                'case'
            from {{ ref("int_inspection__penalty_latest") }} as penalty
            left join
                announced on penalty.department_code = announced.department_code and penalty.case_no = announced.case_no
            where penalty.{{ column }} > 0 and penalty.decided_on is not null and announced.case_no is null
        {% endfor %}
    )

select
    concat(told.department_code, ':', told.payment_no) as payment_key,
    told.payment_no,
    told.department_code,
    told.case_no,
    concat(told.department_code, ':', told.case_no) as case_key,
    told.money_kind,
    {{ code_label("yjgl.penalty_payment", "money_kind", "told.money_kind") }} as money_kind_name,
    cast(told.instalment_no as bigint) as instalment_no,
    cast(told.instalments as bigint) as instalments,
    told.due_on,
    told.due_yuan,
    told.paid_on,
    {{ month_start("told.paid_on") }} as paid_month,
    told.paid_yuan,
    told.late_fee_yuan,
    coalesce(told.paid_on <= {{ as_of() }}, false) as is_paid,
    coalesce(told.due_on < {{ as_of() }}, false) and not coalesce(told.paid_on <= {{ as_of() }}, false) as is_overdue,
    coalesce(told.paid_on > told.due_on, false) as is_paid_late,
    case
        when coalesce(told.due_on < {{ as_of() }}, false) and not coalesce(told.paid_on <= {{ as_of() }}, false)
        then {{ days_between("told.due_on", as_of()) }}
    end as overdue_days,
    told.told_by,
    penalty.is_accident_penalty,
    {{ penalty_place() }},
    {{ as_of() }} as as_of
from told
left join
    {{ ref("int_inspection__penalty_latest") }} as penalty
    on told.department_code = penalty.department_code
    and told.case_no = penalty.case_no
    {{ join_penalty_place() }}
