-- One row per accident and state of knowledge (一起事故每次报告后的已知情况): bitemporal.
-- As known on date D: cast(known_from as date) <= D and (known_to is null or cast(known_to as date) > D).
-- As known now: is_latest.
select
    concat(
        version.department_code, ':', version.accident_id, ':', cast(version.version_number as varchar)
    ) as version_key,
    version.accident_id,
    version.department_code,
    version.version_number,
    version.report_version,
    version.known_from,
    version.known_to,
    version.is_latest,
    version.accident_domain,
    version.occurred_at,
    version.occurred_on,
    version.district_code,
    {{ known_name("district.area_name", "version.district_code") }} as district_name,
    version.deaths,
    version.serious_injuries,
    version.minor_injuries,
    version.direct_loss_yuan,
    graded.grade_code,
    graded.grade_name,
    graded.grade_rule_version,
    version.exclusion_code is null as is_statistical,
    version.exclusion_code,
    cast(version.known_from as date)
    <= {{ add_days("version.occurred_on", "clock.revision_days") }} as is_within_revision_days,
    version._file as source_file,
    version._row as source_row
from {{ ref("int_accident__version") }} as version
left join
    (
        {{
            graded(
                ref("int_accident__version"),
                ["department_code", "accident_id", "version_number"],
            )
        }}
    ) as graded
    on version.department_code = graded.department_code
    and version.accident_id = graded.accident_id
    and version.version_number = graded.version_number
left join
    {{ ref("accident_clock") }} as clock
    on version.accident_domain = clock.accident_domain
    and version.occurred_on >= clock.valid_from
    and version.occurred_on <= clock.valid_to
left join {{ ref("dim_district") }} as district on version.district_code = district.area_code
