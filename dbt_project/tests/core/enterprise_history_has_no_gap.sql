-- What was known of an enterprise is known without a gap and once: each state ends where the next begins, exactly one
-- is current, and that one is what core.dim_enterprise says. Returns the states that are not so.
with
    followed as (
        select
            *,
            lead(valid_from) over (partition by entity_id order by state_number asc nulls last) as next_from,
            sum(case when is_current then 1 else 0 end) over (partition by entity_id) as currents
        from {{ ref("dim_enterprise_history") }}
    )

select followed.entity_id, followed.state_number, followed.valid_from, followed.valid_to, followed.next_from
from followed
left join {{ ref("int_core__enterprise") }} as enterprise on followed.entity_id = enterprise.entity_id
where
    followed.valid_to is distinct from followed.next_from
    or followed.valid_to <= followed.valid_from
    or followed.currents <> 1
    or (
        followed.is_current
        and (
            enterprise.entity_id is null
            or enterprise.name is distinct from followed.enterprise_name
            or enterprise.status is distinct from followed.status
            or enterprise.district_code is distinct from followed.district_code
        )
    )
