-- One row per event of an enterprise (一企一档): what every department reported, day by day, in one sentence each.
-- Which events and words: macros/enterprise_file/events.sql. Frequent small things are one event a month, quarter or
-- year (source_rows says of how many). A record that nobody could be found for is in no file.
with
    {% for source in enterprise_file_sources() %} {{ source.name }} as ({{ file_rows(source) }}), {% endfor %}

    told as (
        {% for source in enterprise_file_sources() %}
            {%- set outer = loop %}
            {% for event in source.events %}
                {{ file_event(source, event) }}
                {% if not (outer.last and loop.last) %}
                    union all
                {% endif %}
            {% endfor %}
        {% endfor %}
    )

select
    concat(told.event_kind, ':', told.source_feed, ':', told.entity_id, ':', told.source_id) as event_key,
    told.entity_id,
    told.event_on,
    told.event_kind,
    told.event_kind_name,
    told.chapter,
    told.department_code,
    coalesce(department.short_name, '本仓评价') as department_name,
    told.what_happened,
    told.amount_yuan,
    told.source_rows,
    told.source_feed,
    told.source_id,
    enterprise.enterprise_name,
    enterprise.uscc,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    {{ as_of() }} as as_of
from told
inner join {{ ref("dim_enterprise") }} as enterprise on told.entity_id = enterprise.entity_id
left join {{ ref("contract_department") }} as department on told.department_code = department.code
