-- What was known of each registered entity and when: a state a report that changes anything, and what it changed.
create table truth_register as
with
    followed as (
        select
            *,
            row_number() over reports = 1 as is_first,
            lag(name) over reports as former_name,
            lag(status) over reports as former_status,
            lag((district_code, street_code, address)) over reports as former_seat,
            lag((uscc, entity_kind, legal_representative, industry_code, registered_capital_yuan)) over reports as former_rest
        from s_scjg__enterprise
        window reports as (partition by entity_id order by updated_at)
    ),

    compared as (
        select
            is_first,
            not is_first and name is distinct from former_name as is_renamed,
            not is_first and status is distinct from former_status as has_new_status,
            not is_first and (district_code, street_code, address) is distinct from former_seat as is_moved,
            not is_first
            and (uscc, entity_kind, legal_representative, industry_code, registered_capital_yuan) is distinct from former_rest
                as has_other_change
        from followed
    )

select
    count(*) filter (is_first or is_renamed or has_new_status or is_moved or has_other_change) as states,
    count(*) filter (is_renamed) as renamed,
    count(*) filter (is_moved) as moved,
    count(*) filter (has_new_status) as new_status
from compared;
