-- One row: the scalar rules of inspection in use, a column each (var inspection_rule_version).
{{ config(materialized="view") }}

select
    rule_version,
    {% for code in [
        "duplicate_other_days",
        "duplicate_same_days",
        "joint_lookback_months",
        "joint_min_duplicates",
        "joint_lead_days",
        "joint_window_days",
        "joint_horizon_days",
        "self_check_window_days",
        "self_check_min_hazards",
        "key_list_min_criteria",
        "key_list_inspections_per_year",
    ] %}
        cast(max(case when rule_code = '{{ code }}' then rule_value end) as bigint) as {{ code }},
    {% endfor %}
    max(case when rule_code = 'self_check_far_less_share' then rule_value end) as self_check_far_less_share
from {{ ref("inspection_rule") }}
where rule_version = '{{ var("inspection_rule_version") }}' and {{ as_of() }} between valid_from and valid_to
group by rule_version
