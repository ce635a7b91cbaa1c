-- No join loses or doubles a row: a mart has as many rows as the latest rows it is made of, whatever code, district or
-- enterprise they name. Returns the marts that differ.
with
    counted as (
        {% for mart, source in [
            ("fct_accident", ref("int_accident__latest")),
            ("fct_accident_version", ref("int_accident__version")),
            ("fct_inspection", ref("int_inspection__latest")),
            ("fct_hazard", ref("int_inspection__hazard_latest")),
            ("fct_penalty", ref("int_inspection__penalty_latest")),
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
                "int_accident__latest",
                "(select distinct department_code, accident_id from " ~ ref("stg_accident") ~ ") as reported",
            ),
            ("rpt_accident_follow_up", ref("int_accident__latest")),
            (
                "fct_corrective_measure",
                "(" ~ latest_standing(ref("stg_yjgl__corrective_measure"), ["measure_id"]) ~ ") as latest",
            ),
            ("fct_case", ref("int_inspection__penalty_latest")),
            ("fct_credit_repair", ref("int_credit__repair")),
            ("fct_scope_period", ref("int_insurance__scope_period")),
            (
                "fct_disaster_payment",
                "(" ~ latest_standing(ref("stg_jrjg__disaster_payment"), ["payment_no"]) ~ ") as latest",
            ),
            (
                "int_core__mention_entity",
                "(select mention_key from "
                ~ ref("stg_entities__link")
                ~ " where outcome = 'linked') as linked",
            ),
            ("fct_match_candidate", source("entities", "entity_candidate")),
            ("fct_batch", source("ledger", "batch")),
            ("fct_quarantine_row", source("ledger", "quarantine_row")),
            ("fct_quarantine_event", source("ledger", "quarantine_event")),
            ("fct_pull", source("ledger", "pull")),
            ("rpt_freshness", ref("contract_feed")),
            ("rpt_ledger_balance", ref("contract_feed")),
            ("rpt_feed", ref("contract_feed")),
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
