-- One row per department that sends data.
select code as department_code, name as department_name, short_name, cast(display_order as bigint) as display_order
from {{ ref("contract_department") }}
