-- Parts are the whole, exceptions named: in every monthly table the city's figure is that of its districts plus the
-- events of the city itself, without a district, or of a district that is not on the list. The functional zone is
-- never added; its own figure is that of the events in its streets. Returns what differs.
with
    compared as (
        {% for table, measure, fact, condition in [
            (
                "agg_accident_month",
                "accidents",
                "fct_accident",
                "is_statistical and occurred_on <= " ~ as_of(),
            ),
            ("agg_inspection_month", "inspections", "fct_inspection", "1 = 1"),
            ("agg_inspection_month", "hazards_found", "fct_hazard", "1 = 1"),
            ("agg_inspection_month", "cases_filed", "fct_penalty", "1 = 1"),
            ("agg_inspection_month", "penalties_decided", "fct_penalty", "decided_on is not null"),
        ] %}
            select
                '{{ measure }}' as what,
                figures.city,
                figures.districts,
                figures.zones,
                facts.without_district,
                facts.in_zones
            from
                (
                    select
                        sum(case when area.area_level = 'city' then measured.{{ measure }} else 0 end) as city,
                        sum(case when area.is_additive then measured.{{ measure }} else 0 end) as districts,
                        sum(
                            case when area.area_level = 'functional_zone' then measured.{{ measure }} else 0 end
                        ) as zones
                    from {{ ref(table) }} as measured
                    inner join {{ ref("dim_district") }} as area on measured.area_code = area.area_code
                ) as figures
            cross join
                (
                    select
                        count(case when area.area_code is null or not area.is_additive then 1 end) as without_district,
                        count(fact.functional_zone_code) as in_zones
                    from {{ ref(fact) }} as fact
                    left join {{ ref("dim_district") }} as area on fact.district_code = area.area_code
                    where {{ condition }}
                ) as facts
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select *
from compared
where city <> districts + without_district or zones <> in_zones
