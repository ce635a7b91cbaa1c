"""What is to be checked, as plain values: no Great Expectations in sight, so that suites are pure and cheap to test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingest.base.sql import identifier, literal
from quality.outcome import ACCURACY, COMPLETENESS, CONFORMITY, UNIQUENESS, Layer, Severity

Kind = Literal["not_null", "unique", "in_set", "between", "row_count", "no_rows"]


@dataclass(frozen=True)
class Check:
    """One thing that must hold of one table.

    `failing_query` selects the keys of rows that break it, with `{batch}` for the table: Great Expectations caps its
    samples at 200 values, so the samples in a message come from here. For `no_rows` it is also the check itself.
    `remedy` ends the message: what to do, in Chinese.
    """

    check_id: str
    layer: Layer
    subject: str
    column: str | None
    kind: Kind
    label_zh: str
    dimension: str
    severity: Severity
    owner: str
    remedy: str
    failing_query: str | None = None
    columns: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Suite:
    """The checks of one table. `source` is a SELECT that makes the table visible to the judge; None: it is there."""

    subject: str
    table: str
    checks: tuple[Check, ...]
    source: str | None = None


class SuiteBuilder:
    """Collects the checks of one table, filling in what they have in common."""

    def __init__(self, layer: Layer, subject: str, table: str, keys: Sequence[str], owner: str) -> None:
        """`keys` are the columns shown of a failing row: keys only, never personal data."""
        self.layer = layer
        self.subject = subject
        self.table = table
        self.owner = owner
        self.shown = ", ".join(identifier(k) for k in keys) or "'（无主键）' as key"
        self.checks: list[Check] = []

    def _add(
        self,
        kind: Kind,
        name: str,
        column: str | None,
        label_zh: str,
        dimension: str,
        severity: Severity,
        remedy: str,
        **details: Any,
    ) -> None:
        check_id = f"{self.layer}.{self.subject}.{name}"
        self.checks.append(
            Check(
                check_id,
                self.layer,
                self.subject,
                column,
                kind,
                label_zh,
                dimension,
                severity,
                self.owner,
                remedy,
                **details,
            )
        )

    def rows_where(self, condition: str) -> str:
        """The failing query of a condition on single rows."""
        return f"select {self.shown} from {{batch}} where {condition}"

    def not_null(self, column: str, label_zh: str, severity: Severity, remedy: str) -> None:
        """The column is filled in every row."""
        failing = self.rows_where(f"{identifier(column)} is null")
        self._add(
            "not_null",
            f"{column}.not_null",
            column,
            label_zh,
            COMPLETENESS,
            severity,
            remedy,
            failing_query=failing,
            columns=(column,),
        )

    def unique(self, columns: Sequence[str], name: str, label_zh: str, severity: Severity, remedy: str) -> None:
        """No two rows share these columns."""
        listed = ", ".join(identifier(c) for c in columns)
        failing = f"select {listed} from {{batch}} group by {listed} having count(*) > 1"
        column = columns[0] if len(columns) == 1 else None
        self._add(
            "unique",
            name,
            column,
            label_zh,
            UNIQUENESS,
            severity,
            remedy,
            failing_query=failing,
            columns=tuple(columns),
        )

    def in_set(self, column: str, values: Sequence[Any], label_zh: str, severity: Severity, remedy: str) -> None:
        """Every filled value is one of these."""
        listed = ", ".join(literal(v) for v in values)
        failing = self.rows_where(f"{identifier(column)} is not null and {identifier(column)} not in ({listed})")
        self._add(
            "in_set",
            f"{column}.in_set",
            column,
            label_zh,
            CONFORMITY,
            severity,
            remedy,
            failing_query=failing,
            columns=(column,),
            values=tuple(values),
        )

    def between(
        self,
        column: str,
        minimum: float | None,
        maximum: float | None,
        label_zh: str,
        severity: Severity,
        remedy: str,
    ) -> None:
        """Every filled value lies in the closed interval; None leaves a side open."""
        bounds = []
        if minimum is not None:
            bounds.append(f"{identifier(column)} < {minimum}")
        if maximum is not None:
            bounds.append(f"{identifier(column)} > {maximum}")
        self._add(
            "between",
            f"{column}.between",
            column,
            label_zh,
            ACCURACY,
            severity,
            remedy,
            failing_query=self.rows_where(" or ".join(bounds)),
            columns=(column,),
            minimum=minimum,
            maximum=maximum,
        )

    def not_empty(self, label_zh: str, severity: Severity, remedy: str) -> None:
        """The table has rows."""
        self._add("row_count", "not_empty", None, label_zh, COMPLETENESS, severity, remedy, minimum=1)

    def no_rows(
        self, name: str, column: str | None, query: str, label_zh: str, dimension: str, severity: Severity, remedy: str
    ) -> None:
        """A query over `{batch}` finds nothing. Also the way to check a pattern: GX has no regex on DuckDB."""
        self._add("no_rows", name, column, label_zh, dimension, severity, remedy, failing_query=query)

    def build(self, source: str | None = None) -> Suite:
        """The finished suite."""
        return Suite(self.subject, self.table, tuple(self.checks), source)
