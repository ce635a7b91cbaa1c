-- One row per hazard (隐患), latest state, judged on as_of: found → ordered → due (as extended) → rectified → rechecked
-- → closed. A deadline that falls on as_of itself is due (应整改), but overdue (逾期) only from the day after: the last
-- day still belongs to the one who rectifies, as credit has it too. What a recheck found not rectified (复查不到位) is
-- not, unless it was rectified again after that.
with
    standing as (
        select hazard.*, {{ standing_rectification("hazard") }} as standing_rectified_on
        from {{ ref("int_inspection__hazard_latest") }} as hazard
    ),

    judged as (
        select
            *,
            deadline_on <= {{ as_of() }} as is_due,
            deadline_on < {{ as_of() }} and not coalesce(standing_rectified_on <= {{ as_of() }}, false) as is_overdue,
            coalesce(standing_rectified_on <= {{ as_of() }}, false) as is_rectified,
            coalesce(
                standing_rectified_on <= {{ as_of() }} and standing_rectified_on <= deadline_on, false
            ) as is_rectified_on_time,
            coalesce(rechecked_on <= {{ as_of() }}, false) as is_rechecked,
            coalesce(closed_on <= {{ as_of() }}, false) as is_closed
        from standing
    )

select
    hazard.hazard_id,
    hazard.inspection_id,
    hazard.department_code,
    hazard.found_on,
    {{ month_start("hazard.found_on") }} as month_start,
    hazard.order_no,
    hazard.ordered_on,
    hazard.deadline_on,
    {{ month_start("hazard.deadline_on") }} as deadline_month,
    hazard.original_deadline_on,
    hazard.extended_on,
    coalesce(hazard.extension_count, 0) as extension_count,
    coalesce(hazard.extension_count, 0) > 0 or hazard.original_deadline_on is not null as is_extended,
    hazard.rectified_on,
    hazard.rechecked_on,
    hazard.recheck_result,
    {{ code_label("hazard", "recheck_result", "hazard.recheck_result") }} as recheck_result_name,
    hazard.recheck_document_no,
    hazard.closed_on,
    hazard.rectification_cost_yuan,
    hazard.level,
    {{ code_label("hazard", "level", "hazard.level") }} as level_name,
    hazard.category,
    hazard.listed_level,
    {{ code_label("hazard", "listed_level", "hazard.listed_level") }} as listed_level_name,
    hazard.listing_no,
    hazard.listed_on,
    {{ month_start("hazard.listed_on") }} as listed_month,
    hazard.listing_deadline_on,
    hazard.delisted_on,
    hazard.listed_level is not null as is_listed,
    hazard.listed_level is not null
    and coalesce(coalesce(hazard.delisted_on, hazard.closed_on) <= {{ as_of() }}, false) as is_delisted,
    hazard.listed_level is not null
    and coalesce(hazard.listing_deadline_on < {{ as_of() }}, false)
    and not coalesce(coalesce(hazard.delisted_on, hazard.closed_on) <= {{ as_of() }}, false) as is_listing_overdue,
    hazard.district_code,
    {{ known_name("district.area_name", "hazard.district_code") }} as district_name,
    {{ event_street("hazard", "enterprise") }} as street_code,
    street.functional_zone_code,
    hazard.uscc,
    enterprise.entity_id,
    hazard.enterprise_name,
    case
        when hazard.is_closed
        then 'closed'
        when hazard.is_rectified and hazard.is_rechecked and coalesce(hazard.recheck_result, '-') <> 'failed'
        then 'rechecked'
        when hazard.is_rectified
        then 'rectified'
        when hazard.is_overdue
        then 'overdue'
        when coalesce(hazard.extension_count, 0) > 0 or hazard.original_deadline_on is not null
        then 'extended'
        else 'open'
    end as stage_code,
    case
        when hazard.is_closed
        then '已销号'
        when hazard.is_rectified and hazard.is_rechecked and coalesce(hazard.recheck_result, '-') <> 'failed'
        then '已复查待销号'
        when hazard.is_rectified
        then '已整改待复查'
        when hazard.is_overdue
        then '逾期未整改'
        when coalesce(hazard.extension_count, 0) > 0 or hazard.original_deadline_on is not null
        then '延期整改中'
        else '整改中'
    end as stage_name,
    hazard.is_due,
    hazard.is_rectified,
    hazard.is_rectified_on_time,
    hazard.is_rechecked,
    hazard.is_closed,
    hazard.is_overdue,
    case when hazard.is_overdue then {{ days_between("hazard.deadline_on", as_of()) }} end as overdue_days,
    {{ days_between("hazard.found_on", "hazard.closed_on") }} as days_to_close,
    {{ as_of() }} as as_of
from judged as hazard
left join {{ ref("int_core__mention_entity") }} as enterprise on hazard._mention_key = enterprise.mention_key
left join {{ ref("dim_district") }} as district on hazard.district_code = district.area_code
left join {{ ref("dim_street") }} as street on {{ event_street("hazard", "enterprise") }} = street.street_code
