-- One row: the published version and its verdict. Typed and empty here; the publisher writes the row.
select
    cast(null as varchar) as version,
    cast(null as date) as as_of,
    cast(null as timestamp) as published_at,
    cast(null as boolean) as is_synthetic,
    cast(null as varchar) as verdict,
    cast(null as varchar) as verdict_name,
    cast(null as bigint) as checks_total,
    cast(null as bigint) as checks_failed,
    cast(null as varchar) as data_notice,
    cast(null as varchar) as code_revision
where 1 = 0
