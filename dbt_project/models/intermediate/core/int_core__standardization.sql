-- One row per uscc: the best standardization certificate (标准化达标) that is valid on as_of.
with
    certificate as ({{ latest_version(ref("stg_yjgl__standardization"), ["certificate_no"]) }}),

    valid as (
        select
            uscc,
            level,
            valid_until,
            row_number() over (
                partition by uscc
                order by level asc nulls last, valid_until desc nulls last, certificate_no asc nulls last
            ) as preference
        from certificate
        where
            granted_on <= {{ as_of() }}
            and valid_until >= {{ as_of() }}
            and (revoked_on is null or revoked_on > {{ as_of() }})
    )

select
    uscc,
    level as standardization_level_code,
    {{ code_label("yjgl.standardization", "level", "level") }} as standardization_level,
    valid_until as standardization_valid_until
from valid
where preference = 1
