-- One row per credit event: something reported about an enterprise, with its points under the rule set in use.
select
    event_id,
    entity_id,
    uscc,
    department_code,
    event_on,
    event_kind,
    event_kind_name,
    event_name,
    source_key,
    rule_code,
    points,
    cap_group,
    override_colour,
    counts_until as valid_until,
    end_reason,
    rule_version
from {{ ref("int_credit__event") }}
where is_in_use
