-- One row per penalty or list entry that the credit platform (信用平台) ever displayed: since when, whether still, until
-- when.
-- Displayed twice, it is displayed as long as one of them is.
select
    record_kind,
    record_no,
    max(uscc) as uscc,
    cast(count(*) as bigint) as displays,
    min(displayed_on) as shown_from,
    case
        when max(case when withdrawn_on is null or withdrawn_on > {{ as_of() }} then 1 end) = 1
        then 'shown'
        else 'withdrawn'
    end as display_state,
    case
        when max(case when withdrawn_on is null or withdrawn_on > {{ as_of() }} then 1 end) is null
        then max(withdrawn_on)
    end as withdrawn_on
from
    (
        select
            record_kind,
            record_no,
            uscc,
            displayed_on,
            -- taken down on a day that nobody told: on the day it was told
            case
                when display_state = 'withdrawn' then coalesce(withdrawn_on, cast(_version_at as date))
            end as withdrawn_on
        from ({{ latest_standing(ref("stg_fgw__publicity_display"), ["display_no"]) }}) as latest
        where displayed_on <= {{ as_of() }}
    ) as display
group by record_kind, record_no
