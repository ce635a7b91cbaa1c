-- One row per reported state of one district and year (分区经济社会指标); all versions.
select
    district_code,
    year as year_number,
    gdp_yuan,
    employed_persons,
    vehicles,
    coal_output_tonnes,
    released_on,
    {{ lineage_columns("released_on") }}
from {{ source("lake", "tjj__district_economy") }}
