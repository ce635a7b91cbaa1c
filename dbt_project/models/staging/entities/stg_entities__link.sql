-- One row per mention (提法) of the records of all departments: the entity it means, if it is known, and why.
select
    mention_key,
    enterprise_name,
    uscc,
    district_code,
    departments,
    first_seen,
    entity_id,
    entity_source,
    outcome,
    method,
    score,
    evidence,
    reason,
    decided_by,
    rules_version
from {{ source("entities", "entity_link") }}
