"""Which table reconciles with what: facts with feeds, tables with what they rest on, aggregates with facts.

Every `fct_` and `agg_` table stands in one of these lists or in `NOT_RECONCILED` with its reason (tested).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Fact:
    """A table that has exactly one row a key of the feeds it comes from.

    `source` is a subject (all its feeds) or the id of one feed; `staging` holds every version of every row. `where`: which
    of the table's rows come from there.
    """

    table: str
    source: str
    staging: str
    where: str = "true"


@dataclass(frozen=True)
class Aggregate:
    """A table whose measures are sums over a fact, for the city and for each district.

    `measures` maps a column of the aggregate to the SQL aggregate over the fact; `month` is the fact's month and
    `where` what of it counts. `same` are dimensions that both have; what the aggregate has beyond them is summed over.
    `is_window`: the aggregate begins later than the fact by design; what lies before its first month is not compared.
    """

    table: str
    fact: str
    month: str
    measures: tuple[tuple[str, str], ...]
    where: str = "true"
    same: tuple[str, ...] = ()
    is_window: bool = False


@dataclass(frozen=True)
class Rest:
    """A table that has exactly as many rows as what it rests on: a join in between would lose or double some.

    `rests_on`: SQL that gives the number of rows, over staging and intermediate tables alone.
    """

    table: str
    rests_on: str


FACTS: Final = (
    Fact("core.dim_enterprise", "enterprise", "staging.stg_enterprise", "is_registered"),
    Fact("accident.fct_accident", "accident", "staging.stg_accident"),
    Fact("inspection.fct_inspection", "inspection", "staging.stg_inspection"),
    Fact("inspection.fct_hazard", "hazard", "staging.stg_hazard"),
    Fact("inspection.fct_penalty", "penalty", "staging.stg_penalty"),
    Fact("inspection.fct_tip", "tip", "staging.stg_tip"),
    Fact("inspection.fct_work_order", "work_order", "staging.stg_work_order"),
    Fact("insurance.fct_policy", "policy", "staging.stg_policy"),
    Fact("insurance.fct_claim", "claim", "staging.stg_claim"),
    Fact("insurance.fct_service", "jrjg.prevention_service", "staging.stg_jrjg__prevention_service"),
    Fact("accident.fct_corrective_measure", "yjgl.corrective_measure", "staging.stg_yjgl__corrective_measure"),
    Fact("insurance.fct_disaster_payment", "jrjg.disaster_payment", "staging.stg_jrjg__disaster_payment"),
)
_COUNT: Final = "select count(*) from intermediate."
RESTS: Final = (
    Rest("accident.fct_accident_version", f"{_COUNT}int_accident__version"),
    Rest("inspection.fct_case", f"{_COUNT}int_inspection__penalty_latest"),
    Rest("credit.fct_credit_event", f"{_COUNT}int_credit__fact"),
    Rest("credit.fct_credit_repair", f"{_COUNT}int_credit__repair"),
    Rest("credit.fct_credit_score", f"{_COUNT}int_credit__score_month"),
    Rest("insurance.fct_policy_share", f"{_COUNT}int_insurance__policy_share"),
    Rest("insurance.fct_scope_period", f"{_COUNT}int_insurance__scope_period"),
    # five parts a fleet, see the seed of fleet factors
    Rest("insurance.fct_fleet_factor_part", "select 5 * count(*) from intermediate.int_insurance__fleet"),
    Rest("assessment.fct_indicator_value", f"{_COUNT}int_assessment__index"),
    Rest("assessment.fct_assessment_score", f"{_COUNT}int_assessment__index"),
    Rest(
        "insurance.fct_coverage_period",
        "select (select count(*) from intermediate.int_insurance__covered_period) "
        "+ (select count(*) from intermediate.int_insurance__gap_period)",
    ),
)
# every other fct_ and agg_ table, and why no count of ours stands beside it
NOT_RECONCILED: Final = {
    "assessment.agg_assessment_month": "points and ranking are computed, not counted; its tests add up the scores",
    "core.agg_rescue_team": "a stock of one day: the latest state of each team, unit-tested",
    "credit.agg_credit_migration": "pairs of two months; a month's sums are those of agg_credit_month but for newcomers",
    "credit.fct_credit_list": "entries are joined and closed by rule (unit-tested); truth.json holds the counts of the demo",
    "credit.fct_credit_publicity": "what is displayed is derived from decisions, lists and repairs by rule",
    "credit.fct_credit_score_part": "a dbt test holds that a score is the sum of its parts",
    "inspection.agg_inspection_coverage_month": "distinct units by plan and month: they do not add up over areas",
    "inspection.fct_penalty_payment": "instalments of two feeds laid side by side by rule (told_by)",
    "insurance.fct_claim_share": "shares of a claim by the policy's shares; a dbt test adds them up to the cent",
    "insurance.fct_premium_factor_part": "parts of suggested factors, computed by rule for policies in force",
    "insurance.fct_renewal": "policies that ended in the window, paired by rule",
    "quality.fct_batch": "the ledger itself, compared with the lake file by file",
    "quality.fct_check_result": "written by the publisher after the gate",
    "quality.fct_match_candidate": "a work list of the matching, made anew each run",
    "quality.fct_pull": "the ledger's own table",
    "quality.fct_quarantine_event": "the ledger's own table",
    "quality.fct_quarantine_row": "the ledger's own table",
}
AGGREGATES: Final = (
    Aggregate(
        "accident.agg_accident_month",
        "accident.fct_accident",
        "month_start",
        (
            ("accidents", "count(*)"),
            ("deaths", "sum(deaths)"),
            ("serious_injuries", "sum(serious_injuries)"),
            ("direct_loss_yuan", "sum(direct_loss_yuan)"),
        ),
        "is_statistical",
        ("accident_domain",),
    ),
    Aggregate(
        "inspection.agg_inspection_month",
        "inspection.fct_inspection",
        "month_start",
        (("inspections", "count(*)"),),
        same=("department_code",),
    ),
    Aggregate(
        "inspection.agg_inspection_month",
        "inspection.fct_hazard",
        "month_start",
        (("hazards_found", "count(*)"),),
        same=("department_code",),
    ),
    Aggregate(
        "inspection.agg_inspection_month",
        "inspection.fct_penalty",
        "decided_month",
        (("penalties_decided", "count(*)"), ("fine_yuan", "sum(fine_yuan)")),
        "decided_month is not null",
        ("department_code",),
    ),
    Aggregate(
        "insurance.agg_insurance_month",
        "insurance.fct_policy",
        "cast(date_trunc('month', signed_on) as date)",
        (("policies_signed", "count(*)"), ("premium_signed_yuan", "sum(premium_signed_yuan)")),
        "signed_on is not null",
        is_window=True,
    ),
    Aggregate(
        "insurance.agg_insurer_month",
        "insurance.fct_policy_share",
        "signed_month",
        (("policies_signed", "count(*) filter (where is_lead)"), ("premium_signed_yuan", "sum(premium_signed_yuan)")),
        "signed_month is not null",
        ("insurer",),
        is_window=True,
    ),
    Aggregate(
        "insurance.agg_insurer_month",
        "insurance.fct_claim_share",
        "reported_month",
        (("claims_reported", "count(*) filter (where is_lead)"),),
        "reported_month is not null",
        ("insurer",),
        is_window=True,
    ),
    Aggregate(
        "insurance.agg_insurer_month",
        "insurance.fct_claim_share",
        "settled_month",
        (("paid_yuan", "sum(paid_yuan)"),),
        "settled_month is not null",
        ("insurer",),
        is_window=True,
    ),
    Aggregate(
        "inspection.agg_enforcement_industry_month",
        "inspection.fct_inspection",
        "month_start",
        (("inspections", "count(*)"),),
    ),
    Aggregate(
        "inspection.agg_enforcement_industry_month",
        "inspection.fct_case",
        "decided_month",
        (("penalties_decided", "count(*)"),),
        "decided_month is not null",
    ),
    Aggregate(
        "credit.agg_credit_repair_month",
        "credit.fct_credit_repair",
        "cast(date_trunc('month', applied_on) as date)",
        (("repair_applications", "count(*)"),),
        "applied_on is not null",
        is_window=True,
    ),
    Aggregate(
        "credit.agg_credit_repair_month",
        "credit.fct_credit_repair",
        "cast(date_trunc('month', decided_on) as date)",
        (("repair_decisions", "count(*)"),),
        "decided_on is not null",
        is_window=True,
    ),
    Aggregate(
        "credit.agg_credit_month",
        "credit.fct_credit_score",
        "month_start",
        (("enterprises", "count(*)"),),
        same=("colour",),
    ),
)
