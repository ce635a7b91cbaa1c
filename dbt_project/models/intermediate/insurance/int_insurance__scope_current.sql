-- One row per entity: whether it must hold 安责险 on the data's date, and why.
-- Of several reasons the most specific industry prefix is told, then the order of the seed.
with
    in_scope as (
        select
            entity_id,
            reason_name,
            row_number() over (
                partition by entity_id
                order by specificity desc nulls last, reason_order asc nulls last, reason_name asc nulls last
            ) as reason_rank
        from {{ ref("int_insurance__scope_interval") }} as intervals
        where {{ in_scope_on("intervals", as_of()) }}
    )

select enterprise.entity_id, in_scope.entity_id is not null as is_compulsory, in_scope.reason_name as scope_reason
from {{ ref("int_core__enterprise") }} as enterprise
left join in_scope on in_scope.entity_id = enterprise.entity_id and in_scope.reason_rank = 1
