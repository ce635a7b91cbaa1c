-- One row per accident and state of knowledge: what was reported, from when on it was what was known, and until when.
-- Two reports of the same moment are one state, that of the later arrival.
with
    reports as ({{ accident_reports() }}),

    ranked as (
        select
            *,
            row_number() over (
                partition by department_code, accident_id, _version_at
                order by _batch_seq desc nulls last, _row desc nulls last
            ) as _arrival_rank
        from reports
        where _version_at is not null
    )

select
    department_code,
    accident_id,
    row_number() over reports as version_number,
    report_version,
    _version_at as known_from,
    lead(_version_at) over reports as known_to,
    lead(_version_at) over reports is null as is_latest,
    accident_domain,
    occurred_at,
    cast(occurred_at as date) as occurred_on,
    district_code,
    uscc,
    deaths,
    serious_injuries,
    minor_injuries,
    direct_loss_yuan,
    {{ accident_exclusion() }} as exclusion_code,
    closed_on,
    _batch_id,
    _file,
    _row
from ranked
where _arrival_rank = 1
window reports as (partition by department_code, accident_id order by _version_at asc nulls last)
