-- One row per entity: how many items of the duty list (主体责任清单) were due in the last twelve months, how many it met.
select
    entity.entity_id,
    count(*) as items_due,
    count(case when latest.fulfilment = 'done' then 1 end) as items_done,
    count(case when latest.fulfilment = 'not_done' then 1 end) as items_not_done
from ({{ standing(ref("int_inspection__duty_item_last_sent")) }}) as latest
inner join {{ ref("int_core__mention_entity") }} as entity on latest._mention_key = entity.mention_key
where
    latest.due_on > {{ add_months(as_of(), -12) }}
    and latest.due_on <= {{ as_of() }}
    and latest.fulfilment <> 'not_applicable'
group by entity.entity_id
