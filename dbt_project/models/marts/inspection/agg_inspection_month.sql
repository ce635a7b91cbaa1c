-- One row per month, area and department. Every combination is there; a figure of a kind that the department does not
-- send at all (the fire brigade sends neither hazards nor penalties one by one) is null, not 0. Each figure goes by a
-- day of its own: inspections by theirs, hazards found, due or listed, cases filed, decided, closed, money decided or
-- paid.
{%- set senders = {
    "inspection": [
        "inspections",
        "inspected_enterprises",
        "random_inspections",
        "inspections_with_hazards",
        "joint_inspections",
        "repeatable_inspections",
        "duplicate_inspections",
        "documents",
    ],
    "unpunished": ["inspections_unpunished"],
    "found": [
        "hazards_found",
        "major_hazards_found",
        "general_hazards_found",
        "unknown_level_hazards_found",
    ],
    "due": [
        "hazards_due",
        "hazards_rectified",
        "hazards_rectified_on_time",
        "hazards_rechecked",
        "major_hazards_due",
        "major_hazards_rectified",
    ],
    "listed": ["listed_hazards", "listed_hazards_delisted"],
    "filed": ["cases_filed"],
    "decided": ["penalties_decided", "suspensions", "decided_over_limit", "decision_days"],
    "closed": ["cases_closed", "close_days"],
    "proposed": ["closures_proposed"],
    "transferred": ["cases_transferred"],
} %}
{%- set money = {"decided": ["fine_yuan", "confiscated_yuan"], "paid": ["fine_paid_yuan", "confiscated_paid_yuan"]} %}
{%- set punishing = [] %}
{%- for department in subject_departments(["penalty"]) if department in subject_departments(["inspection"]) %}
    {%- do punishing.append(department) %}
{%- endfor %}
{%- set hazard_senders = subject_departments(["hazard"]) %}
{%- set penalty_senders = subject_departments(["penalty"]) %}
{%- set sent_by = {
    "inspection": subject_departments(["inspection"]),
    "unpunished": punishing,
    "found": hazard_senders,
    "due": hazard_senders,
    "listed": hazard_senders,
} %}
with
    inspected as (
        {{
            by_area(
                ref("fct_inspection"),
                [
                    "month_start",
                    "department_code",
                    "entity_id",
                    "is_random",
                    "hazards_found",
                    "is_joint",
                    "is_repeatable",
                    "is_duplicate",
                    "document_no",
                    "cases_filed",
                ],
            )
        }}
    ),

    hazard as (
        {{
            by_area(
                ref("fct_hazard"),
                [
                    "month_start",
                    "deadline_month",
                    "listed_month",
                    "department_code",
                    "level",
                    "is_due",
                    "is_rectified",
                    "is_rectified_on_time",
                    "is_rechecked",
                    "is_listed",
                    "is_delisted",
                ],
            )
        }}
    ),

    penalty as (
        {{
            by_area(
                ref("fct_penalty"),
                [
                    "filed_month",
                    "decided_month",
                    "closed_month",
                    "closure_proposed_month",
                    "transferred_month",
                    "department_code",
                    "fine_yuan",
                    "confiscated_yuan",
                    "is_suspension",
                    "is_over_90_days",
                    "days_to_decision",
                    "days_to_close",
                ],
            )
        }}
    ),

    payment as (
        {{ by_area(ref("fct_penalty_payment"), ["paid_month", "department_code", "money_kind", "paid_yuan"]) }}
    ),

    inspection as (
        select
            month_start,
            area_code,
            department_code,
            count(*) as inspections,
            count(distinct entity_id) as inspected_enterprises,
            count(case when is_random then 1 end) as random_inspections,
            count(case when hazards_found > 0 then 1 end) as inspections_with_hazards,
            count(case when is_joint then 1 end) as joint_inspections,
            count(case when is_repeatable then 1 end) as repeatable_inspections,
            count(case when is_duplicate then 1 end) as duplicate_inspections,
            count(document_no) as documents
        from inspected
        group by month_start, area_code, department_code
    ),

    unpunished as (
        select month_start, area_code, department_code, count(*) as inspections_unpunished
        from inspected
        where hazards_found > 0 and cases_filed = 0
        group by month_start, area_code, department_code
    ),

    found as (
        select
            month_start,
            area_code,
            department_code,
            count(*) as hazards_found,
            count(case when level = 'major' then 1 end) as major_hazards_found,
            count(case when level = 'general' then 1 end) as general_hazards_found,
            count(case when level in ('major', 'general') then null else 1 end) as unknown_level_hazards_found
        from hazard
        group by month_start, area_code, department_code
    ),

    due as (
        select
            deadline_month as month_start,
            area_code,
            department_code,
            count(*) as hazards_due,
            count(case when is_rectified then 1 end) as hazards_rectified,
            count(case when is_rectified_on_time then 1 end) as hazards_rectified_on_time,
            count(case when is_rechecked then 1 end) as hazards_rechecked,
            count(case when level = 'major' then 1 end) as major_hazards_due,
            count(case when level = 'major' and is_rectified then 1 end) as major_hazards_rectified
        from hazard
        where is_due
        group by deadline_month, area_code, department_code
    ),

    listed as (
        select
            coalesce(listed_month, month_start) as month_start,
            area_code,
            department_code,
            count(*) as listed_hazards,
            count(case when is_delisted then 1 end) as listed_hazards_delisted
        from hazard
        where is_listed
        group by coalesce(listed_month, month_start), area_code, department_code
    ),

    filed as (
        select filed_month as month_start, area_code, department_code, count(*) as cases_filed
        from penalty
        group by filed_month, area_code, department_code
    ),

    decided as (
        select
            decided_month as month_start,
            area_code,
            department_code,
            count(*) as penalties_decided,
            count(case when is_suspension then 1 end) as suspensions,
            count(case when is_over_90_days then 1 end) as decided_over_limit,
            cast(sum(days_to_decision) as bigint) as decision_days,
            sum(fine_yuan) as fine_yuan,
            sum(confiscated_yuan) as confiscated_yuan
        from penalty
        where decided_month is not null
        group by decided_month, area_code, department_code
    ),

    closed as (
        select
            closed_month as month_start,
            area_code,
            department_code,
            count(*) as cases_closed,
            cast(sum(days_to_close) as bigint) as close_days
        from penalty
        where closed_month is not null
        group by closed_month, area_code, department_code
    ),

    proposed as (
        select closure_proposed_month as month_start, area_code, department_code, count(*) as closures_proposed
        from penalty
        where closure_proposed_month is not null
        group by closure_proposed_month, area_code, department_code
    ),

    transferred as (
        select transferred_month as month_start, area_code, department_code, count(*) as cases_transferred
        from penalty
        where transferred_month is not null
        group by transferred_month, area_code, department_code
    ),

    paid as (
        select
            paid_month as month_start,
            area_code,
            department_code,
            sum(case when money_kind = 'fine' then paid_yuan end) as fine_paid_yuan,
            sum(case when money_kind = 'confiscation' then paid_yuan end) as confiscated_paid_yuan
        from payment
        where paid_month is not null
        group by paid_month, area_code, department_code
    ),

    first_month as (
        select min(month_start) as month_start
        from
            (
                {% for relation in senders %}
                    select month_start
                    from {{ relation }}
                    {% if not loop.last %}
                        union all
                    {% endif %}
                {% endfor %}
            ) as seen
    ),

    spine as (
        select
            month.month_start,
            area.area_code,
            area.area_name,
            area.area_level,
            area.area_order,
            department.department_code,
            department.short_name as department_name
        from (select distinct month_start from {{ ref("dim_date") }}) as month
        cross join {{ ref("dim_district") }} as area
        cross join first_month
        cross join
            (
                select department_code, short_name
                from {{ ref("dim_department") }}
                where
                    department_code in ('{{ subject_departments(["inspection", "hazard", "penalty"]) | join("', '") }}')
            ) as department
        where month.month_start >= first_month.month_start and month.month_start <= {{ as_of() }}
    )

select
    spine.month_start,
    spine.area_code,
    spine.department_code,
    spine.area_name,
    spine.area_level,
    spine.area_order,
    spine.department_name,
    {% for relation, measures in senders.items() %}
        {%- set departments = sent_by.get(relation, penalty_senders) | join("', '") %}
        {% for measure in measures %}
            case
                when spine.department_code in ('{{ departments }}') then coalesce({{ relation }}.{{ measure }}, 0)
            end as {{ measure }},
        {% endfor %}
    {% endfor %}
    {%- set departments = penalty_senders | join("', '") %}
    {% for relation, measures in money.items() %}
        {%- set last_relation = loop.last %}
        {% for measure in measures %}
            case
                when spine.department_code in ('{{ departments }}')
                then cast(coalesce({{ relation }}.{{ measure }}, 0) as decimal(18, 2))
            end as {{ measure }}
            {% if not (loop.last and last_relation) %},{% endif %}
        {% endfor %}
    {% endfor %}
from spine
{% for relation in senders.keys() | list + ["paid"] %}
    left join
        {{ relation }}
        on spine.month_start = {{ relation }}.month_start
        and spine.area_code = {{ relation }}.area_code
        and spine.department_code = {{ relation }}.department_code
{% endfor %}
