-- Nothing is lost between a fact and its monthly table: the city's rows together count every row of the fact, whatever
-- its district, enterprise or code. Policies are counted within the months of their table. Returns what differs.
with
    first_month as (select min(month_start) as month_start from {{ ref("agg_insurance_month") }}),

    compared as (
        select
            'accidents' as what,
            (select count(*) from {{ ref("fct_accident") }} where is_statistical) as facts,
            (
                select coalesce(sum(accidents), 0)
                from {{ ref("agg_accident_month") }}
                where area_code = '{{ var("city_code") }}'
            ) as counted
        {% for what, fact, condition in [
                ("inspections", "fct_inspection", "1 = 1"),
                ("hazards_found", "fct_hazard", "1 = 1"),
                ("hazards_due", "fct_hazard", "is_due"),
                ("cases_filed", "fct_penalty", "1 = 1"),
                ("penalties_decided", "fct_penalty", "decided_on is not null"),
            ] %}
            union all
            select
                '{{ what }}' as what,
                (select count(*) from {{ ref(fact) }} where {{ condition }}) as facts,
                (
                    select coalesce(sum({{ what }}), 0)
                    from {{ ref("agg_inspection_month") }}
                    where area_code = '{{ var("city_code") }}'
                ) as counted
        {% endfor %}
        union all
        select
            'policies_signed' as what,
            (
                select count(*)
                from {{ ref("fct_policy") }} as policies
                join first_month on policies.signed_month >= first_month.month_start
            ) as facts,
            (
                select coalesce(sum(policies_signed), 0)
                from {{ ref("agg_insurance_month") }}
                where area_code = '{{ var("city_code") }}'
            ) as counted
    )

select what, facts, counted
from compared
where facts <> counted
