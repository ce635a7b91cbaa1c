-- Nothing is lost between enforcement facts and their sums, whatever the district, enterprise, industry or code: city
-- rows hold every event, instalments add up to the fine of their case. Returns what differs.
{% set city = "area_code = '" ~ var("city_code") ~ "'" %}
with
    compared as (
        {% for what, fact, condition in [
            ("duplicate_inspections", "fct_inspection", "is_duplicate"),
            ("joint_inspections", "fct_inspection", "is_joint"),
            ("cases_closed", "fct_penalty", "closed_on is not null"),
            ("suspensions", "fct_penalty", "is_suspension and decided_on is not null"),
            ("closures_proposed", "fct_penalty", "is_closure_proposed"),
            ("listed_hazards", "fct_hazard", "is_listed"),
        ] %}
            select
                '{{ what }}' as what,
                cast((select count(*) from {{ ref(fact) }} where {{ condition }}) as decimal(18, 2)) as facts,
                cast(
                    (
                        select coalesce(sum({{ what }}), 0) from {{ ref("agg_inspection_month") }} where {{ city }}
                    ) as decimal(18, 2)
                ) as counted
            union all
        {% endfor %}
        {% for what, fact, condition in [
            ("inspections", "fct_inspection", "1 = 1"),
            ("penalties_decided", "fct_penalty", "decided_on is not null"),
            ("closures_proposed", "fct_penalty", "is_closure_proposed"),
        ] %}
            select
                '{{ what }} by industry',
                cast((select count(*) from {{ ref(fact) }} where {{ condition }}) as decimal(18, 2)),
                cast(
                    (
                        select coalesce(sum({{ what }}), 0)
                        from {{ ref("agg_enforcement_industry_month") }}
                        where {{ city }}
                    ) as decimal(18, 2)
                )
            union all
        {% endfor %}
        {% for what, fact, condition in [
            ("inspections", "fct_inspection", "inspected_on <= " ~ as_of()),
            ("penalties_decided", "fct_case", "decided_on <= " ~ as_of()),
            ("closures_proposed", "fct_case", "closure_proposed_on <= " ~ as_of()),
        ] %}
            select
                '{{ what }} in the statistics',
                cast((select count(*) from {{ ref(fact) }} where {{ condition }}) as decimal(18, 2)),
                cast(
                    (
                        select coalesce(sum(value_month), 0)
                        from {{ ref("rpt_enforcement_statistics") }}
                        where {{ city }} and section_code = 'all' and measure_code = '{{ what }}'
                    ) as decimal(18, 2)
                )
            union all
        {% endfor %}
        select
            'fine paid',
            cast(
                (
                    select coalesce(sum(paid_yuan), 0)
                    from {{ ref("fct_penalty_payment") }}
                    where money_kind = 'fine' and paid_on is not null
                ) as decimal(18, 2)
            ),
            cast(
                (
                    select coalesce(sum(fine_paid_yuan), 0) from {{ ref("agg_inspection_month") }} where {{ city }}
                ) as decimal(18, 2)
            )
        union all
        select 'cases', (select count(*) from {{ ref("fct_penalty") }}), (select count(*) from {{ ref("fct_case") }})
        union all
        select
            'duplicates',
            (select count(*) from {{ ref("fct_inspection") }} where is_duplicate),
            (select count(*) from {{ ref("rpt_duplicate_inspection") }})
    )

select what, facts, counted
from compared
where facts <> counted
