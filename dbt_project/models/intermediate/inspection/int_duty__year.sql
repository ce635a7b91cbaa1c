-- One row per entity: how many items of the duty list (主体责任清单) were due in the last twelve months, how many it met.
with
    latest as (
        {{
            latest_standing(
                "(select record_id, due_on, fulfilment, _is_withdrawn, _mention_key, _version_at, _batch_seq, _row from "
                ~ ref("stg_yjgl__duty_item")
                ~ " where due_on > "
                ~ add_months(as_of(), -12)
                ~ " and due_on <= "
                ~ as_of()
                ~ ") as narrow",
                ["record_id"],
            )
        }}
    )

select
    entity.entity_id,
    count(*) as items_due,
    count(case when latest.fulfilment = 'done' then 1 end) as items_done,
    count(case when latest.fulfilment = 'not_done' then 1 end) as items_not_done
from latest
inner join {{ ref("int_core__mention_entity") }} as entity on latest._mention_key = entity.mention_key
where latest.fulfilment <> 'not_applicable'
group by entity.entity_id
