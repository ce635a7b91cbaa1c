-- One row per feed (一类数据) that names enterprises: under how many names and codes, and for how many it is known whom
-- they mean. Counts are of mentions (提法, a spelling counts once) and of the records behind them.
with
    counted as (
        select
            mention.feed,
            cast(count(*) as bigint) as mentions,
            cast(
                count(case when link.method in ('uscc', 'organization_code', 'registration_no') then 1 end) as bigint
            ) as linked_by_code,
            cast(count(case when link.method = 'name' then 1 end) as bigint) as linked_by_name,
            cast(count(case when link.method = 'decision' then 1 end) as bigint) as linked_by_decision,
            cast(count(case when link.method = 'place' then 1 end) as bigint) as linked_to_place,
            cast(count(case when link.outcome = 'queued' then 1 end) as bigint) as in_queue,
            cast(count(case when link.outcome = 'unlinked' then 1 end) as bigint) as unlinked,
            cast(sum(mention.records) as bigint) as records,
            cast(sum(case when link.outcome = 'linked' then mention.records else 0 end) as bigint) as records_linked
        from {{ source("entities", "entity_mention") }} as mention
        inner join {{ ref("stg_entities__link") }} as link on mention.mention_key = link.mention_key
        group by mention.feed
    )

select
    counted.feed,
    feed.label as feed_label,
    feed.department_code,
    department.short_name as department_name,
    cast(department.display_order as bigint) as department_order,
    counted.mentions,
    counted.linked_by_code,
    counted.linked_by_name,
    counted.linked_by_decision,
    counted.linked_to_place,
    counted.in_queue,
    counted.unlinked,
    counted.records,
    counted.records_linked,
    {{ ratio("counted.records_linked", "counted.records") }} as linked_ratio
from counted
inner join {{ ref("contract_feed") }} as feed on counted.feed = feed.feed
inner join {{ ref("contract_department") }} as department on feed.department_code = department.code
