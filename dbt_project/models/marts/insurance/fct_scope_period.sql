-- One row per enterprise × unbroken time in which it must hold 安责险: the denominator of 参保率 on any day.
select
    periods.entity_id,
    periods.period_no,
    enterprise.uscc,
    enterprise.name as enterprise_name,
    enterprise.district_code,
    enterprise.district_name,
    enterprise.functional_zone_code,
    periods.in_scope_from,
    periods.in_scope_until,
    periods.scope_reasons,
    {{ in_scope_on("periods", as_of()) }} as is_in_scope,
    '{{ var("insurance_scope_version") }}' as scope_version,
    {{ as_of() }} as as_of
from {{ ref("int_insurance__scope_period") }} as periods
join {{ ref("int_core__enterprise") }} as enterprise on enterprise.entity_id = periods.entity_id
