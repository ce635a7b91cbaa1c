-- One row per credit event: something reported about an enterprise, with its points under the rule set in use.
select
    event_id,
    entity_id,
    uscc,
    event_on,
    event_kind,
    event_name,
    source_key,
    points,
    counts_until as valid_until,
    rule_version
from {{ ref("int_credit__event") }}
