-- One row per accident-prevention service (事故预防服务), latest version.
with services as ({{ latest_version(ref("stg_jrjg__prevention_service"), ["service_id"]) }})

select
    services.service_id,
    services.policy_no,
    services.uscc,
    enterprises.entity_id,
    services.served_on,
    {{ month_start("services.served_on") }} as month_start,
    services.service_kind,
    {{ code_label("jrjg.prevention_service", "service_kind", "services.service_kind") }} as service_kind_name,
    services.provider,
    services.hazards_found,
    services.hazards_rectified,
    services.cost_yuan,
    enterprises.district_code,
    enterprises.district_name,
    enterprises.functional_zone_code
from services
left join {{ ref("int_core__uscc_entity") }} as enterprises on enterprises.uscc = services.uscc
