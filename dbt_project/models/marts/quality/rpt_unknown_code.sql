-- One row per feed, column and code that is not on the column's list (未知): as sent, how often, first and last seen.
-- Every column that a list or an enum governs is asked, in all that is in the lake; marts show such a code as 未知 with
-- the code beside it, and lose no row for it.
with
    found as (
        {% for feed, columns in coded_columns().items() %}
            select
                '{{ feed }}' as feed,
                names.column_name,
                names.column_label,
                case
                    names.column_name
                    {% for column in columns %} when '{{ column.name }}' then unknown.{{ column.name }} {% endfor %}
                end as code,
                unknown._received_on
            from
                (
                    select
                        _received_on,
                        {% for column in columns %}
                            {{ unknown_code(column) }} as {{ column.name }} {%- if not loop.last %},{% endif %}
                        {% endfor %}
                    from {{ source("lake", feed.replace(".", "__")) }}
                    where
                        {% for column in columns %}
                            {{ unknown_code(column) }} is not null {% if not loop.last %} or {% endif %}
                        {% endfor %}
                ) as unknown
            cross join
                (
                    {% for column in columns %}
                        select '{{ column.name }}' as column_name, '{{ column.label }}' as column_label
                        {% if not loop.last %}
                            union all
                        {% endif %}
                    {% endfor %}
                ) as names
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select
    concat(found.feed, ':', found.column_name, ':', found.code) as unknown_code_key,
    found.feed,
    feed.label as feed_label,
    feed.department_code,
    department.short_name as department_name,
    found.column_name,
    found.column_label,
    found.code,
    count(*) as code_rows,
    cast(sum(count(*)) over (partition by found.feed, found.column_name) as double)
    / nullif(max(sent.feed_rows), 0) as column_share,
    min(found._received_on) as first_seen_on,
    max(found._received_on) as last_seen_on
from found
inner join {{ ref("contract_feed") }} as feed on found.feed = feed.feed
left join
    (select feed, sum(loaded) as feed_rows from {{ ref("fct_batch") }} group by feed) as sent on found.feed = sent.feed
inner join {{ ref("contract_department") }} as department on feed.department_code = department.code
where found.code is not null
group by
    found.feed,
    feed.label,
    feed.department_code,
    department.short_name,
    found.column_name,
    found.column_label,
    found.code
