"""Runs suites with Great Expectations on DuckDB, read-only, in a process of its own.

Great Expectations 1.24.1 never raises: what went wrong shows as `success=False` with `exception_info`, either flat or
by metric id. Both shapes become the outcome `error`. It also keeps its connection open, which is why it lives in a
child process: nothing that it holds can outlive the judgement. Measured 2026-11-21 on two cores: import 3.5–6
CPU-seconds, then 0.02 an expectation.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest.base.sql import identifier
from quality.check import Check, Suite
from quality.outcome import Outcome

SAMPLES = 5


@dataclass(frozen=True)
class Request:
    """What a child is to judge.

    `database` is a DuckDB file to open read-only; None: a file of views made from the suites' sources.
    `search_path` lists the schemas where unqualified table names are found. `copy_sources`: read each source once
    into a table instead of once a query through a view; half the cost where a feed lies in many small files.
    """

    suites: tuple[Suite, ...]
    database: str | None = None
    search_path: tuple[str, ...] = ("main",)
    copy_sources: bool = False
    memory_limit: str = "1GB"
    threads: int = 2


@dataclass(frozen=True)
class Verdict:
    """What became of one check. `samples` are keys of failing rows; `problem` says why it could not be run."""

    check_id: str
    outcome: Outcome
    unexpected_count: int | None = None
    element_count: int | None = None
    observed: str = ""
    samples: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Answer:
    """All verdicts of a request, with what the child used: CPU-seconds and peak resident megabytes."""

    verdicts: tuple[Verdict, ...]
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Progress:
    """A table was judged: how many now, of how many."""

    judged: int
    tables: int


def judge(request: Request, report: Callable[[Progress], None] = lambda progress: None) -> Answer:
    """Run every suite; an exception in one suite is the error of its checks and leaves the others alone.

    Args:
        request: what to judge.
        report: is given the progress after each table.
    """
    started = time.process_time()
    with tempfile.TemporaryDirectory(prefix="jgt-judge-") as folder:
        verdicts = _judge_in(Path(folder), request, report)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    return Answer(tuple(verdicts), time.process_time() - started, peak)


def _judge_in(folder: Path, request: Request, report: Callable[[Progress], None]) -> list[Verdict]:
    try:
        database, broken = _prepare(request, folder)
        session = _Session(database, request, folder)
    except Exception as error:  # a file that cannot be opened: nothing could be run
        return [v for s in request.suites for v in _all_error(s, f"{type(error).__name__}: {_first_line(error)}")]
    verdicts: list[Verdict] = []
    for number, suite in enumerate(request.suites, 1):
        if suite.table in broken:
            verdicts += _all_error(suite, broken[suite.table])
        else:
            try:
                verdicts += session.run(suite)
            except Exception as error:  # whatever it is, these checks could not be run
                verdicts += _all_error(suite, f"{type(error).__name__}: {_first_line(error)}")
        report(Progress(number, len(request.suites)))
    session.close()
    return verdicts


def _all_error(suite: Suite, problem: str) -> list[Verdict]:
    return [Verdict(c.check_id, "error", problem=problem) for c in suite.checks]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _prepare(request: Request, folder: Path) -> tuple[str, dict[str, str]]:
    """Where to judge, and the tables that could not be made visible with the reason."""
    if request.database is not None:
        return request.database, {}
    broken = {}
    path = folder / "sources.duckdb"
    kind = "table" if request.copy_sources else "view"
    with duckdb.connect(str(path)) as connection:
        for suite in request.suites:
            try:
                connection.execute(f"create {kind} {identifier(suite.table)} as {suite.source}")
            except duckdb.Error as error:
                broken[suite.table] = f"{type(error).__name__}: {_first_line(error)}"
    return str(path), broken


class _Session:
    """One Great Expectations context on one read-only DuckDB file."""

    def __init__(self, database: str, request: Request, folder: Path) -> None:
        gx = import_great_expectations()
        import sqlalchemy
        from great_expectations.data_context.types.base import ProgressBarsConfig
        from sqlalchemy import event

        with duckdb.connect(database, read_only=True) as connection:
            there = {r[0] for r in connection.execute("select schema_name from information_schema.schemata").fetchall()}
        path = ",".join(s for s in request.search_path if s in there)  # an unknown schema would fail them all

        # search_path is no start-up option, and without it GX does not find tables outside `main` (schema_name is
        # ignored in its probe query, 1.24.1), so every new connection sets it.
        @event.listens_for(sqlalchemy.pool.Pool, "connect")
        def _set_search_path(connection: Any, _record: Any) -> None:
            connection.execute(f"set search_path = '{path}'")

        config = {
            "memory_limit": request.memory_limit,
            "threads": str(request.threads),
            "temp_directory": str(folder / "spill"),
        }
        self._gx = gx
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        arguments = {"connect_args": {"read_only": True, "config": config}}
        self._source = self._context.data_sources.add_sql(
            "warehouse", connection_string=f"duckdb:///{database}", kwargs=arguments
        )
        self._engine = sqlalchemy.create_engine(f"duckdb:///{database}", **arguments)

    def run(self, suite: Suite) -> list[Verdict]:
        """Judge one table. Every check of the suite gets exactly one verdict, whatever GX returns."""
        gx = self._gx
        asset = self._source.add_table_asset(suite.table, table_name=suite.table)
        batch = asset.add_batch_definition_whole_table("all")
        expectations = [_expectation(gx, check) for check in suite.checks]
        # straight on the batch: a ValidationDefinition would first store itself, a fifth of the cost
        named = gx.ExpectationSuite(name=suite.table, expectations=expectations)
        results = batch.get_batch().validate(named, result_format="BASIC").results
        found = {r.expectation_config.meta["check_id"]: r for r in results}
        verdicts = []
        for check in suite.checks:
            result = found.get(check.check_id)
            if result is None:
                verdicts.append(Verdict(check.check_id, "error", problem="Great Expectations 没有给出结果"))
            else:
                verdicts.append(self._with_samples(suite, check, read_result(check.check_id, result)))
        return verdicts

    def _with_samples(self, suite: Suite, check: Check, verdict: Verdict) -> Verdict:
        if verdict.outcome != "fail" or not check.failing_query:
            return verdict
        query = check.failing_query.replace("{batch}", identifier(suite.table))
        with self._engine.connect() as connection:
            cursor = connection.exec_driver_sql(f"select * from ({query}) limit {SAMPLES}")
            names = list(cursor.keys())
            rows = cursor.fetchall()
        samples = tuple(" ".join(f"{n}={v}" for n, v in zip(names, row, strict=True)) for row in rows)
        return Verdict(
            verdict.check_id,
            verdict.outcome,
            verdict.unexpected_count,
            verdict.element_count,
            verdict.observed,
            samples,
        )

    def close(self) -> None:
        """Let go of our own connections; those of GX end with the process."""
        self._engine.dispose()


def import_great_expectations() -> Any:
    """Import GX quietly and make it keep its connection on DuckDB.

    Until `_PERSISTED_CONNECTION_DIALECTS` also holds an entry equal to "duckdb" with a `.value`, every expectation
    fails with `list index out of range` (1.24.1).
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    known = engine._PERSISTED_CONNECTION_DIALECTS
    if not any(str(d) == "duckdb" for d in known):
        engine._PERSISTED_CONNECTION_DIALECTS = (*known, _DuckDbDialect("duckdb"))  # type: ignore[assignment]
    return gx


class _DuckDbDialect(str):
    """A stand-in for a member of GX's enum of dialects."""

    @property
    def value(self) -> str:
        return str(self)


def _expectation(gx: Any, check: Check) -> Any:
    x = gx.expectations
    meta = {"check_id": check.check_id}
    match check.kind:
        case "not_null":
            return x.ExpectColumnValuesToNotBeNull(column=check.columns[0], meta=meta)
        case "unique" if len(check.columns) == 1:
            return x.ExpectColumnValuesToBeUnique(column=check.columns[0], meta=meta)
        case "unique":
            return x.ExpectCompoundColumnsToBeUnique(column_list=list(check.columns), ignore_row_if="never", meta=meta)
        case "in_set":
            return x.ExpectColumnValuesToBeInSet(column=check.columns[0], value_set=list(check.values), meta=meta)
        case "between":
            return x.ExpectColumnValuesToBeBetween(
                column=check.columns[0], min_value=check.minimum, max_value=check.maximum, meta=meta
            )
        case "row_count":
            return x.ExpectTableRowCountToBeBetween(min_value=check.minimum, max_value=check.maximum, meta=meta)
        case "no_rows":
            return x.UnexpectedRowsExpectation(unexpected_rows_query=as_template(check.failing_query or ""), meta=meta)


def as_template(query: str) -> str:
    """A query as GX wants it: every brace doubled but those of `{batch}`, or `x{3}` in a pattern is an error."""
    return query.replace("{", "{{").replace("}", "}}").replace("{{batch}}", "{batch}")


def raised(exception_info: Mapping[str, Any] | None) -> str | None:
    """The exception that GX swallowed, or None. It reports in two shapes: flat, or one entry a metric id."""
    if not exception_info:
        return None
    shapes = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    for shape in shapes:
        if isinstance(shape, Mapping) and shape.get("raised_exception"):
            return str(shape.get("exception_message") or "未说明的异常").strip().splitlines()[0][:300]
    return None


def read_result(check_id: str, result: Any) -> Verdict:
    """Turn one GX result into a verdict: anything that is not clearly a pass or a fail is an error."""
    problem = raised(result.exception_info)
    if problem is not None:
        return Verdict(check_id, "error", problem=problem)
    details = result.result or {}
    if result.success is not True and result.success is not False:
        return Verdict(check_id, "error", problem=f"结果既非通过也非未通过：{result.success!r}")
    if not details:  # an exception that left no trace but an empty result
        return Verdict(check_id, "error", problem="没有观测值")
    outcome: Outcome = "pass" if result.success else "fail"
    unexpected, elements = details.get("unexpected_count"), details.get("element_count")
    seen = details.get("observed_value")
    if unexpected is None and isinstance(seen, int) and elements is None:
        unexpected = None if result.expectation_config.type.startswith("expect_table") else seen
    observed = f"观测值 {seen}" if seen is not None else f"不符 {unexpected} / {elements}"
    return Verdict(check_id, outcome, unexpected, elements, observed)
