-- No join loses or doubles a row: a mart has as many rows as the latest rows it is made of, whatever code, district or
-- enterprise they name. Returns the marts that differ.
with
    counted as (
        {% for mart, source in [
            ("fct_accident", ref("int_accident__latest")),
            ("fct_accident_version", ref("int_accident__version")),
            ("fct_inspection", ref("int_inspection__latest")),
            ("fct_hazard", ref("int_hazard__latest")),
            ("fct_penalty", ref("int_penalty__latest")),
            ("fct_tip", "(" ~ latest_standing(ref("stg_tip"), ["department_code", "tip_id"]) ~ ") as latest"),
            (
                "fct_work_order",
                "("
                ~ latest_standing(ref("stg_work_order"), ["department_code", "source_feed", "order_id"])
                ~ ") as latest",
            ),
            ("fct_policy", "(" ~ latest_standing(ref("stg_policy"), ["policy_no"]) ~ ") as latest"),
            ("fct_claim", "(" ~ latest_standing(ref("stg_claim"), ["claim_no"]) ~ ") as latest"),
            (
                "fct_service",
                "(" ~ latest_version(ref("stg_jrjg__prevention_service"), ["service_id"]) ~ ") as latest",
            ),
            (
                "dim_enterprise",
                "(select entity_id from "
                ~ ref("int_core__enterprise")
                ~ " union all select entity_id from "
                ~ ref("int_core__place")
                ~ ") as both_kinds",
            ),
            (
                "int_core__enterprise",
                "(" ~ latest_version(ref("stg_enterprise"), ["entity_id"]) ~ ") as latest",
            ),
        ] %}
            select
                '{{ mart }}' as mart,
                (select count(*) from {{ source }}) as rows_in,
                (select count(*) from {{ ref(mart) }}) as rows_out
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select mart, rows_in, rows_out
from counted
where rows_in <> rows_out
