-- One row per month, area and department. Every combination is there; a figure of a kind that the department does not
-- send at all (the fire brigade sends neither hazards nor penalties one by one) is null, not 0.
{%- set senders = {
    "inspection": ["inspections", "inspected_enterprises", "random_inspections", "inspections_with_hazards"],
    "found": ["hazards_found", "major_hazards_found"],
    "due": [
        "hazards_due",
        "hazards_rectified",
        "hazards_rectified_on_time",
        "major_hazards_due",
        "major_hazards_rectified",
    ],
    "filed": ["cases_filed"],
    "decided": ["penalties_decided"],
} %}
{%- set subjects = {
    "inspection": "inspection",
    "found": "hazard",
    "due": "hazard",
    "filed": "penalty",
    "decided": "penalty",
} %}
with
    inspected as (
        {{
            by_area(
                ref("fct_inspection"),
                ["month_start", "department_code", "uscc", "is_random", "hazards_found"],
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
                    "department_code",
                    "level",
                    "is_due",
                    "is_rectified",
                    "is_rectified_on_time",
                ],
            )
        }}
    ),

    penalty as (
        {{
            by_area(
                ref("fct_penalty"),
                ["filed_month", "decided_month", "department_code", "fine_yuan", "confiscated_yuan"],
            )
        }}
    ),

    inspection as (
        select
            month_start,
            area_code,
            department_code,
            count(*) as inspections,
            count(distinct uscc) as inspected_enterprises,
            count(case when is_random then 1 end) as random_inspections,
            count(case when hazards_found > 0 then 1 end) as inspections_with_hazards
        from inspected
        group by month_start, area_code, department_code
    ),

    found as (
        select
            month_start,
            area_code,
            department_code,
            count(*) as hazards_found,
            count(case when level = 'major' then 1 end) as major_hazards_found
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
            count(case when level = 'major' then 1 end) as major_hazards_due,
            count(case when level = 'major' and is_rectified then 1 end) as major_hazards_rectified
        from hazard
        where is_due
        group by deadline_month, area_code, department_code
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
            sum(fine_yuan) as fine_yuan,
            sum(confiscated_yuan) as confiscated_yuan
        from penalty
        where decided_month is not null
        group by decided_month, area_code, department_code
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
        {%- set departments = subject_departments([subjects[relation]]) | join("', '") %}
        {% for measure in measures %}
            case
                when spine.department_code in ('{{ departments }}') then coalesce({{ relation }}.{{ measure }}, 0)
            end as {{ measure }},
        {% endfor %}
    {% endfor %}
    {%- set departments = subject_departments(["penalty"]) | join("', '") %}
    {% for measure in ["fine_yuan", "confiscated_yuan"] %}
        case
            when spine.department_code in ('{{ departments }}')
            then cast(coalesce(decided.{{ measure }}, 0) as decimal(18, 2))
        end as {{ measure }}
        {% if not loop.last %},{% endif %}
    {% endfor %}
from spine
{% for relation in senders %}
    left join
        {{ relation }}
        on spine.month_start = {{ relation }}.month_start
        and spine.area_code = {{ relation }}.area_code
        and spine.department_code = {{ relation }}.department_code
{% endfor %}
