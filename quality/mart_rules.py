"""What must hold of the marts beyond what their YAML declares: measures in bounds, parts within wholes, full grids.

Rules go by names of tables and columns. A rule whose name is gone would fall silent; `misfits` finds it, and the gate
makes it an `error`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Bound:
    """Columns whose name matches lie between the two, in every mart. Each of `tables`, where named, has such a column."""

    pattern: str
    minimum: float | None
    maximum: float | None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartOfWhole:
    """Never more of the part than of the whole in one row, in these tables."""

    part: str
    whole: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class MartRules:
    """All rules of a warehouse. `grids`: months × areas × these dimensions are all there, so the zeros are true zeros.

    `publishers_keys`: keys of tables that the publisher writes, whose grain no dbt test can declare.
    """

    bounds: tuple[Bound, ...] = ()
    parts: tuple[PartOfWhole, ...] = ()
    grids: tuple[tuple[str, tuple[str, ...]], ...] = ()
    publishers_keys: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def bound_of(self, column: str) -> Bound | None:
        """The bound of a column of this name: the first that matches."""
        return next((bound for bound in self.bounds if re.search(bound.pattern, column)), None)


@dataclass(frozen=True)
class Misfit:
    """A rule that names what is not there. `rule` says which, `table` and `column` what is missing."""

    rule: str
    table: str | None
    column: str


_INSPECTION_MONTH: Final = ("inspection.agg_inspection_month",)
_INSURANCE_MONTH: Final = ("insurance.agg_insurance_month",)
_COVERAGE_MONTH: Final = ("inspection.agg_inspection_coverage_month",)
_CASUALTIES: Final = ("deaths", "serious_injuries", "accidents", "relatively_serious_or_above")
_COUNTED: Final = (
    "hazards",
    "major_hazards",
    "inspections",
    "random_inspections",
    "cases",
    "penalties",
    "policies",
    "claims",
    "services",
)
_PLAIN_COUNTS: Final = (
    "minor_injuries",
    "insured_enterprises",
    "in_scope_enterprises",
    "lapsed_enterprises",
    "enterprises",
    "events",
    "deduction_points",
    "overdue_days",
    "received",
    "loaded",
    "refused",
    "duplicate",
)
_SCORED: Final = (
    "accident.rpt_suspected_understated",
    "accident.rpt_suspected_unreported",
    "credit.fct_credit_score",
    "credit.rpt_credit_score_reason",
    "quality.fct_match_candidate",
)

RULES: Final = MartRules(
    bounds=(
        Bound(r"_yuan$", 0, None),
        *(Bound(rf"^{name}(_last_year)?$", 0, None) for name in _CASUALTIES),
        *(Bound(rf"^{name}(_|$)", 0, None) for name in _COUNTED),
        *(Bound(rf"^{name}$", 0, None) for name in _PLAIN_COUNTS),
        Bound(r"^score$", 0, 100, _SCORED),
        Bound(r"^credit_score$", 0, 100, ("core.dim_enterprise",)),
        Bound(r"^ranking$", 1, None, ("assessment.agg_assessment_month",)),
        Bound(r"^weight$", 0, 100, ("assessment.dim_indicator", "assessment.fct_assessment_score")),
    ),
    parts=(
        PartOfWhole("hazards_rectified", "hazards_due", _INSPECTION_MONTH),
        PartOfWhole("hazards_rectified_on_time", "hazards_rectified", _INSPECTION_MONTH),
        PartOfWhole(
            "major_hazards_found",
            "hazards_found",
            (*_INSPECTION_MONTH, "inspection.fct_inspection", "inspection.rpt_self_check_gap"),
        ),
        PartOfWhole("major_hazards_due", "hazards_due", _INSPECTION_MONTH),
        PartOfWhole("random_inspections", "inspections", _INSPECTION_MONTH),
        PartOfWhole("joint_inspections", "inspections", _INSPECTION_MONTH),
        PartOfWhole("duplicate_inspections", "repeatable_inspections", _INSPECTION_MONTH),
        PartOfWhole("hazards_rechecked", "hazards_due", _INSPECTION_MONTH),
        PartOfWhole("listed_hazards_delisted", "listed_hazards", _INSPECTION_MONTH),
        PartOfWhole("decided_over_limit", "penalties_decided", _INSPECTION_MONTH),
        PartOfWhole("inspections_with_hazards", "inspections", _INSPECTION_MONTH),
        PartOfWhole("planned_units_inspected", "planned_units", _COVERAGE_MONTH),
        PartOfWhole("planned_units_inspected", "inspected_units", _COVERAGE_MONTH),
        PartOfWhole(
            "insured_enterprises",
            "in_scope_enterprises",
            (*_INSURANCE_MONTH, "insurance.rpt_insurance_breakdown"),
        ),
        PartOfWhole("policies_served", "policies_due_service", _INSURANCE_MONTH),
        PartOfWhole("policies_renewed_on_time", "policies_expired", _INSURANCE_MONTH),
        PartOfWhole("claims_settled_in_time", "claims_settled", _INSURANCE_MONTH),
        PartOfWhole("service_hazards_rectified", "service_hazards_found", _INSURANCE_MONTH),
        PartOfWhole("points", "points_full", ("assessment.fct_assessment_score",)),
    ),
    grids=(
        ("accident.agg_accident_month", ("month_start", "area_code", "accident_domain")),
        ("assessment.fct_indicator_value", ("month_start", "area_code", "indicator_code")),
        ("assessment.fct_assessment_score", ("month_start", "area_code", "indicator_code")),
        ("assessment.agg_assessment_month", ("month_start", "area_code")),
        ("insurance.agg_insurance_month", ("month_start", "area_code")),
        ("insurance.agg_insurer_month", ("month_start", "area_code", "insurer")),
    ),
    publishers_keys=(
        ("quality.fct_check_result", ("run_id", "check_id")),
        ("quality.rpt_publication", ("version",)),
    ),
)


def misfits(rules: MartRules, columns: Mapping[str, Collection[str]]) -> Iterator[Misfit]:
    """Every table and column that a rule names and that is not there.

    Args:
        rules: the rules of the warehouse.
        columns: `schema.table` → its columns, of every published model.
    """
    everywhere = {name for names in columns.values() for name in names}
    for bound in rules.bounds:
        if not any(re.search(bound.pattern, name) for name in everywhere):
            yield Misfit("bound", None, bound.pattern)
        for table in bound.tables:
            if not any(re.search(bound.pattern, name) for name in columns.get(table, ())):
                yield Misfit("bound", table, bound.pattern)
    named: list[tuple[str, str, tuple[str, ...]]] = [
        (f"{rule.part}_within_{rule.whole}", table, (rule.part, rule.whole))
        for rule in rules.parts
        for table in rule.tables
    ]
    named += [("grid", table, dimensions) for table, dimensions in rules.grids]
    named += [("publishers_key", table, key) for table, key in rules.publishers_keys]
    for kind, table, wanted in named:
        for column in wanted:
            if column not in columns.get(table, ()):
                yield Misfit(kind, table, column)
